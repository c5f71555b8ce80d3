//! What was found, in words.

use std::fmt::Write;

use super::check::{Check, Checks, Verdict};

/// A line for each check, one below for what to do, and a last one that counts.
pub(super) fn text(checks: &Checks, coloured: bool) -> String {
    let width = checks.all().iter().map(|check| check.area.len()).max().unwrap_or(0);
    let mut text = String::new();
    for check in checks.all() {
        let Check { area, verdict, says, todo } = check;
        let _ =
            writeln!(text, "{}  {area:<width$}  {says}", paint(*verdict, &format!("{:<7}", name(*verdict)), coloured));
        if let Some(todo) = todo {
            let _ = writeln!(text, "{:7}  {:width$}  → {todo}", "", "");
        }
    }
    let count = |verdict| checks.all().iter().filter(|check| check.verdict == verdict).count();
    let (wrong, warnings) = (count(Verdict::Wrong), count(Verdict::Warning));
    let warned = if warnings == 1 { "1 warning".to_owned() } else { format!("{warnings} warnings") };
    let summary = match checks.verdict() {
        Verdict::Ok => "nothing is wrong".to_owned(),
        Verdict::Warning => format!("nothing is wrong, {warned}"),
        Verdict::Wrong => format!("{wrong} wrong, {warned}"),
    };
    let _ = write!(text, "\n{}", paint(checks.verdict(), &summary, coloured));
    text
}

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Warning => "warning",
        Verdict::Wrong => "wrong",
    }
}

fn paint(verdict: Verdict, text: &str, coloured: bool) -> String {
    let colour = match verdict {
        _ if !coloured => return text.to_owned(),
        Verdict::Ok => 32,
        Verdict::Warning => 33,
        Verdict::Wrong => 31,
    };
    format!("\u{1b}[{colour}m{text}\u{1b}[0m")
}

/// Bytes, for people.
pub(super) fn bytes(bytes: u64) -> String {
    let (mut size, mut unit) = (bytes as f64, "B");
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if size < 1024.0 {
            break;
        }
        (size, unit) = (size / 1024.0, next);
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{size:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_aligned_and_says_what_to_do() {
        let mut checks = Checks::default();
        checks.ok("PostgreSQL", "15.4 answers");
        assert!(text(&checks, false).ends_with("\nnothing is wrong"));
        checks.warning("log", "it grows", "look at it");
        checks.wrong("Redis", "nobody answers", "start it");
        let wanted = "\
ok       PostgreSQL  15.4 answers
warning  log         it grows
                     → look at it
wrong    Redis       nobody answers
                     → start it

1 wrong, 1 warning";
        assert_eq!(text(&checks, false), wanted);
        assert!(text(&checks, true).contains("\u{1b}[31mwrong  \u{1b}[0m  Redis"));
    }

    #[test]
    fn sizes_are_told_for_people() {
        assert_eq!([0, 1023, 1024, 5 << 30].map(bytes), ["0 B", "1023 B", "1.0 KiB", "5.0 GiB"]);
    }
}
