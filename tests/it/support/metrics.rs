//! What a server exports, parsed by the rules of the format.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::World;
use super::client::client;
use super::server::Server;
use super::wait::eventually;

/// The setting that turns them on.
pub const METRICS: (&str, &str) = ("SYNCTV_METRICS_LISTEN", "127.0.0.1:0");

/// One scrape.
#[derive(Debug, Default)]
pub struct Scrape {
    /// Name to type, as announced.
    pub kinds: BTreeMap<String, String>,
    pub helps: BTreeMap<String, String>,
    /// Name with labels (`name{a="b"}`) to value.
    pub samples: BTreeMap<String, f64>,
}

impl Server {
    /// Where the metrics are.
    pub fn metrics_address(&self) -> String {
        let log = self.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ready = |line: &Value| line["message"].as_str().is_some_and(|text| text.starts_with("metrics.ready"));
        let line = lines.into_iter().find(ready).expect("metrics are on");
        line["address"].as_str().expect("an address").to_owned()
    }

    pub async fn scrape(&self) -> Scrape {
        let response = client().get(format!("http://{}/metrics", self.metrics_address())).send().await;
        let response = response.expect("the listener answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4");
        Scrape::parse(&response.text().await.expect("text"))
    }

    /// Waits until a series has this value.
    pub async fn reaches(&self, series: &str, value: f64) -> Scrape {
        let there = |scrape: &Scrape| scrape.samples.get(series) == Some(&value);
        eventually(&format!("{series} is {value}"), async || Some(self.scrape().await).filter(there)).await
    }
}

impl World {
    /// One whose server exports metrics.
    pub async fn measured() -> Self {
        Self::with(&[METRICS]).await
    }
}

impl Scrape {
    /// Panics at what Prometheus would refuse.
    pub fn parse(text: &str) -> Self {
        let mut scrape = Self::default();
        assert!(text.ends_with('\n'));
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').unwrap_or_else(|| panic!("no help: {line}"));
                assert!(scrape.helps.insert(name.to_owned(), help.to_owned()).is_none(), "twice: {line}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap_or_else(|| panic!("no type: {line}"));
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(scrape.kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
                let value = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
                scrape.family(series);
                labels(series);
                assert!(scrape.samples.insert(series.to_owned(), value).is_none(), "twice: {line}");
            }
        }
        scrape
    }

    /// The announced metric that a sample belongs to.
    pub fn family(&self, series: &str) -> &str {
        let name = series.split('{').next().unwrap_or_default();
        let announced = |name| self.kinds.get_key_value(name).map(|(name, kind)| (name.as_str(), kind.as_str()));
        if let Some((name, kind)) = announced(name) {
            assert_ne!(kind, "histogram", "{series}");
            return name;
        }
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
        match announced(base) {
            Some((name, "histogram")) => name,
            _ => panic!("{series} was not announced"),
        }
    }

    #[track_caller]
    pub fn value(&self, series: &str) -> f64 {
        *self.samples.get(series).unwrap_or_else(|| panic!("{series} is not among {:#?}", self.samples.keys()))
    }

    /// Names of a metric's labels, each with its values; without the bounds of buckets.
    pub fn labels(&self, metric: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for series in self.samples.keys().filter(|series| self.family(series) == metric) {
            for (name, value) in labels(series).into_iter().filter(|(name, _)| name != "le") {
                found.entry(name).or_default().insert(value);
            }
        }
        found
    }
}

fn labels(series: &str) -> Vec<(String, String)> {
    let Some((_, rest)) = series.split_once('{') else { return Vec::new() };
    let rest = rest.strip_suffix('}').unwrap_or_else(|| panic!("{series} is not closed"));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once("=\"").unwrap_or_else(|| panic!("{series}: {pair}"));
        let value = value.strip_suffix('"').unwrap_or_else(|| panic!("{series}: {pair}"));
        assert!(!value.contains(['"', '\\']), "{series} is not as plain as labels have to be");
        (name.to_owned(), value.to_owned())
    };
    rest.split(',').map(pair).collect()
}
