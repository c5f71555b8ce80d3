//! Tables for people.

/// A line for each row, its columns in line with the titles, and below it what there is to say about it.
pub(super) fn table<const COLUMNS: usize>(
    titles: [&str; COLUMNS],
    rows: &[([String; COLUMNS], Vec<String>)],
) -> String {
    let titles = titles.map(str::to_owned);
    let mut widths = [0; COLUMNS];
    for row in rows.iter().map(|(row, _)| row).chain([&titles]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut lines = vec![line(&titles, widths)];
    for (row, notes) in rows {
        lines.push(line(row, widths));
        lines.extend(notes.iter().map(|note| format!("  {note}")));
    }
    lines.join("\n")
}

fn line<const COLUMNS: usize>(cells: &[String; COLUMNS], widths: [usize; COLUMNS]) -> String {
    let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    padded.join("  ").trim_end().to_owned()
}
