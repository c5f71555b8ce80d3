//! Where encoders publish.

/// The addresses of live streams' publishers.
#[derive(Clone, Debug, Default)]
pub struct Ingest {
    /// The port of RTMP; None: live streams are not taken.
    pub port: Option<u16>,
    /// Whether it takes TLS as well.
    pub tls: bool,
    /// What encoders are told instead, such as `rtmp://live.example/live`.
    pub url: Option<String>,
}

impl Ingest {
    /// The addresses, for somebody who reaches this server at `host`.
    #[must_use]
    pub fn urls(&self, host: &str) -> Vec<String> {
        const USUAL: u16 = 1935;
        let Some(port) = self.port else { return Vec::new() };
        if let Some(url) = &self.url {
            return vec![url.clone()];
        }
        let plain = if port == USUAL { String::new() } else { format!(":{port}") };
        // What hides the key comes first. The usual port of rtmps is another one.
        let hidden = self.tls.then(|| format!("rtmps://{host}:{port}/live"));
        hidden.into_iter().chain([format!("rtmp://{host}{plain}/live")]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoders_are_told_the_host_that_the_page_is_at_unless_another_one_is_set() {
        let none = Ingest::default();
        assert!(none.urls("tv.example").is_empty());
        let usual = Ingest { port: Some(1935), ..none };
        assert_eq!(usual.urls("tv.example"), ["rtmp://tv.example/live"]);
        let both = Ingest { port: Some(1940), tls: true, url: None };
        assert_eq!(both.urls("[::1]"), ["rtmps://[::1]:1940/live", "rtmp://[::1]:1940/live"]);
        let set = Ingest { url: Some("rtmps://live.example/live".to_owned()), ..both };
        assert_eq!(set.urls("tv.example"), ["rtmps://live.example/live"]);
    }
}
