//! The results: a table for people, a file for the README.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::goals::{Better, Goal, Peer};
use crate::machine::Machine;
use crate::samples::{Samples, median, short};

/// One line. A ratio above 1: ours is better.
#[derive(Serialize, Deserialize)]
pub struct Row {
    name: String,
    unit: String,
    /// Median of the rounds.
    ours: f64,
    peer: Option<String>,
    peer_value: Option<f64>,
    /// Median of the ratios of the rounds.
    ratio: Option<f64>,
    goal: Option<f64>,
    runs: usize,
    /// Lowest and highest: of the ratio, of ours where there is no peer.
    spread: [f64; 2],
    #[serde(skip)]
    aim: Option<f64>,
}

/// A row for each goal.
pub fn rows(goals: &[&Goal], samples: &Samples) -> Vec<Row> {
    goals.iter().map(|goal| row(goal, samples)).collect()
}

fn row(goal: &Goal, samples: &Samples) -> Row {
    let ours = samples.get(goal.ours);
    let (peer, theirs) = match goal.peer {
        Peer::Measured(label, key) => (Some(label), samples.get(key).to_vec()),
        Peer::Limit(label, value) => (Some(label), vec![value; ours.len()]),
        Peer::None => (None, Vec::new()),
    };
    let ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ratio(goal.better, *ours, *theirs)).collect();
    let spread = if ratios.is_empty() { ours } else { &ratios };
    Row {
        name: goal.name.to_owned(),
        unit: goal.unit.to_owned(),
        ours: median(ours),
        peer: peer.map(str::to_owned),
        peer_value: peer.map(|_| median(&theirs)),
        ratio: peer.map(|_| median(&ratios)),
        goal: goal.floor,
        runs: ours.len(),
        spread: [
            spread.iter().copied().fold(f64::INFINITY, f64::min),
            spread.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ],
        aim: goal.aim,
    }
}

fn ratio(better: Better, ours: f64, theirs: f64) -> f64 {
    match better {
        Better::Higher => ours / theirs,
        Better::Lower => theirs / ours,
    }
}

impl Row {
    fn verdict(&self) -> &'static str {
        let reached = |goal: Option<f64>| Some(self.ratio? >= goal?);
        match (reached(self.goal), reached(self.aim)) {
            (Some(false), _) => "MISSED",
            (Some(true), Some(true)) => "aim reached",
            (Some(true), _) => "ok",
            (None, _) => "",
        }
    }

    fn cells(&self) -> [String; 8] {
        let maybe = |value: Option<f64>| value.map(short).unwrap_or_default();
        let peer = self.peer.clone().unwrap_or_default();
        let goal = match (self.goal, self.aim) {
            (Some(floor), Some(aim)) => format!("{floor:.2} (aim {aim:.2})"),
            (Some(floor), None) => floor.to_string(),
            (None, _) => String::new(),
        };
        [
            self.name.clone(),
            format!("{} {}", short(self.ours), self.unit),
            peer,
            maybe(self.peer_value),
            maybe(self.ratio),
            format!("{}-{}", short(self.spread[0]), short(self.spread[1])),
            goal,
            self.verdict().to_owned(),
        ]
    }
}

/// To stdout.
pub fn print(rows: &[Row]) {
    let head = ["figure", "ours", "peer", "peer's", "ratio", "spread", "goal", ""].map(str::to_owned);
    let lines: Vec<[String; 8]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths: [usize; 8] = std::array::from_fn(width);
    for line in &lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// As JSON, and the machine beside it.
pub fn write(rows: &[Row], path: &Path, machine: &Machine) -> Result<(), Failure> {
    save(path, &serde_json::to_string_pretty(rows)?)?;
    save(&path.with_file_name("machine.json"), &serde_json::to_string_pretty(machine)?)
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    let file = |source| Failure::File { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(file)?;
    }
    fs::write(path, format!("{text}\n")).map_err(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goals::matching;

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_ratios_and_above_one_when_ours_is_faster() {
        let mut samples = Samples::default();
        for (ours, bare) in [(2.0, 1.0), (2.0, 4.0), (1.0, 3.0)] {
            samples.put("single", "p50", ours);
            samples.put("bare", "p50", bare);
        }
        let rows = rows(&matching(&["append.single".to_owned()]), &samples);
        assert_eq!(rows[0].ratio, Some(2.0));
        assert!(rows[0].spread.iter().zip([0.5, 3.0]).all(|(found, expected)| (found - expected).abs() < 1e-9));
        assert_eq!(rows[0].verdict(), "ok");
    }
}
