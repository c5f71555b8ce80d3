//! What was measured: for each figure of each cell one value per round.

use std::collections::BTreeMap;

use crate::drive::Load;

/// Values by `cell/figure`, in the order of the rounds.
#[derive(Default)]
pub struct Samples(BTreeMap<String, Vec<f64>>);

impl Samples {
    /// Adds this round's value.
    pub fn put(&mut self, cell: &str, figure: &str, value: f64) {
        self.0.entry(format!("{cell}/{figure}")).or_default().push(value);
    }

    /// Adds rate and latencies.
    pub fn load(&mut self, cell: &str, load: &Load) {
        self.put(cell, "rate", load.rate());
        self.put(cell, "p50", load.latency_ms(0.5));
        self.put(cell, "p99", load.latency_ms(0.99));
    }

    /// One per round; empty when it was not measured.
    pub fn get(&self, key: &str) -> &[f64] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// The newest values of a cell, as text.
    pub fn latest(&self, cell: &str) -> String {
        let own = self.0.iter().filter_map(|(key, values)| {
            let figure = key.strip_prefix(cell)?.strip_prefix('/')?;
            Some(format!("{figure} {}", short(*values.last()?)))
        });
        own.collect::<Vec<_>>().join(", ")
    }
}

/// The middle one; of an even number the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    match (sorted.get(low), sorted.get(high)) {
        (Some(low), Some(high)) => f64::midpoint(*low, *high),
        _ => f64::NAN,
    }
}

/// Three digits that matter.
pub fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_depend_on_the_order_and_ignores_an_outlier() {
        assert!((median(&[900.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 2.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_figure_keeps_the_values_of_all_rounds_apart_from_other_cells() {
        let mut samples = Samples::default();
        samples.put("many.8", "rate", 1.0);
        samples.put("many.8", "rate", 2.0);
        samples.put("many.80", "rate", 3.0);
        assert_eq!(samples.get("many.8/rate"), [1.0, 2.0]);
        assert_eq!(samples.latest("many.8"), "rate 2.00");
    }
}
