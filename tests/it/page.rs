//! The page's files as they go over the wire.

use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{Method, Response, StatusCode};

use crate::support::{World, client};

struct Site {
    world: World,
}

impl Site {
    async fn ask(&self, method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Response {
        let url = format!("{}{path}", self.world.server.url);
        let request =
            headers.iter().fold(client().request(method, url), |request, (name, value)| request.header(name, *value));
        request.send().await.expect("it answers")
    }

    async fn get(&self, path: &str, headers: &[(HeaderName, &str)]) -> Response {
        self.ask(Method::GET, path, headers).await
    }

    /// The parts that the script fetches when it needs them.
    async fn chunks(&self) -> Vec<String> {
        let script = self.get("/app.js", &[]).await.text().await.expect("it is text");
        let named = script.split("\"./").skip(1).filter_map(|after| after.split_once('"'));
        named.map(|(name, _)| format!("/{name}")).collect()
    }
}

fn said<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn every_file_goes_out_compressed_and_only_when_it_changed() {
    let site = Site { world: World::new().await };
    let mut files = vec![
        ("/".to_owned(), "text/html"),
        ("/r/room_0".to_owned(), "text/html"),
        ("/app.js".to_owned(), "text/javascript"),
        ("/theme.js".to_owned(), "text/javascript"),
        ("/style.css".to_owned(), "text/css"),
        ("/icon.svg".to_owned(), "image/svg+xml"),
        ("/manifest.webmanifest".to_owned(), "application/manifest+json"),
        ("/docs".to_owned(), "text/html"),
        ("/docs.js".to_owned(), "text/javascript"),
        ("/docs.css".to_owned(), "text/css"),
    ];
    let chunks = site.chunks().await;
    assert!(!chunks.is_empty(), "the script imports nothing when it needs it");
    files.extend(chunks.into_iter().map(|chunk| (chunk, "text/javascript")));
    for (path, kind) in files {
        let plain = site.get(&path, &[]).await;
        assert_eq!(plain.status(), StatusCode::OK, "{path}");
        let whole = plain.bytes().await.expect("it arrives").len();
        for (accepted, encoding) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip")] {
            let answer = site.get(&path, &[(header::ACCEPT_ENCODING, accepted)]).await;
            let headers = answer.headers().clone();
            assert_eq!(said(&headers, &header::CONTENT_ENCODING), encoding, "{path}");
            assert!(said(&headers, &header::CONTENT_TYPE).starts_with(kind), "{path}: {headers:?}");
            assert_eq!(said(&headers, &header::VARY), "accept-encoding", "{path}");
            let kept = path.starts_with("/assets/");
            assert_eq!(said(&headers, &header::CACHE_CONTROL).contains("immutable"), kept, "{path}: {headers:?}");
            assert!(said(&headers, &header::CONTENT_SECURITY_POLICY).contains("script-src 'self';"), "{path}");
            let size = answer.bytes().await.expect("it arrives").len();
            assert!(size < whole, "{path} as {encoding}: {size} of {whole}");

            let held = [(header::ACCEPT_ENCODING, accepted), (header::IF_NONE_MATCH, said(&headers, &header::ETAG))];
            let again = site.get(&path, &held).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
            assert_eq!(again.headers()[header::ETAG], headers[header::ETAG], "{path}");
            assert!(again.bytes().await.expect("it arrives").is_empty(), "{path}");
        }
        let head = site.ask(Method::HEAD, &path, &[]).await;
        assert_eq!(said(head.headers(), &header::CONTENT_LENGTH), whole.to_string(), "{path}");
    }
    for absent in ["/assets/none.js", "/assets/%ff", "/assets/..%2fapp.js"] {
        assert_eq!(site.get(absent, &[]).await.status(), StatusCode::NOT_FOUND, "{absent}");
    }
}

#[tokio::test]
async fn a_part_of_the_sample_belongs_to_the_sample_that_is_held() {
    let site = Site { world: World::new().await };
    let whole = site.get("/sample.mp4", &[]).await;
    let tag = said(whole.headers(), &header::ETAG).to_owned();
    let part = |held| [(header::RANGE, "bytes=4-7"), (header::IF_RANGE, held)];
    let answer = site.get("/sample.mp4", &part(tag.as_str())).await;
    assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(answer.bytes().await.expect("it arrives").as_ref(), b"ftyp");
    assert_eq!(site.get("/sample.mp4", &part("\"another\"")).await.status(), StatusCode::OK);
    assert_eq!(site.get("/sample.mp4", &[(header::IF_NONE_MATCH, &tag)]).await.status(), StatusCode::NOT_MODIFIED);
}
