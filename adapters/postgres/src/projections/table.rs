//! Tables of read models, which exist in several generations.

use std::fmt::Write;

use sqlx::postgres::{PgConnection, PgRow};
use synctv_projections::{Row, Rows};

/// A column.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) nullable: bool,
}

/// A column that always has a value.
pub(crate) const fn column(name: &'static str, kind: &'static str) -> Column {
    Column { name, kind, nullable: false }
}

/// A column that may be empty.
pub(crate) const fn nullable(name: &'static str, kind: &'static str) -> Column {
    Column { name, kind, nullable: true }
}

/// A table; its first columns are its key.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [Column],
    pub(crate) key: usize,
    /// Each as it follows the table's name, for example `USING gin (words)`.
    pub(crate) indexes: &'static [&'static str],
}

/// Which tables are meant: those that readers see, or those of a generation beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Live,
    Beside(i64),
}

impl Table {
    /// The table's name in a place.
    pub(crate) fn at(&self, place: Place) -> String {
        match place {
            Place::Live => self.name.to_owned(),
            Place::Beside(generation) => format!("{}_g{generation}", self.name),
        }
    }

    pub(crate) fn create(&self, place: Place) -> String {
        let column = |column: &Column| {
            let collate = if column.kind == "text" { " COLLATE \"C\"" } else { "" };
            let null = if column.nullable { "" } else { " NOT NULL" };
            format!("{} {}{collate}{null}", column.name, column.kind)
        };
        let columns: Vec<_> = self.columns.iter().map(column).collect();
        // What is being made is nobody else's: a vacuum would hold up the moment in which it is put in place.
        let quiet = if place == Place::Live { "" } else { " WITH (autovacuum_enabled = off)" };
        format!("CREATE TABLE {} ({}){quiet}", self.at(place), columns.join(", "))
    }

    /// What makes its indexes, the one of its key last. They keep the number of their generation when the table changes its
    /// name.
    pub(crate) fn add_indexes(&self, place: Place, generation: i64) -> Vec<String> {
        let (table, name, key) = (self.at(place), self.name, self.key_names());
        let index =
            |(number, index)| format!("CREATE INDEX IF NOT EXISTS {name}_g{generation}_i{number} ON {table} {index}");
        let key = format!("CREATE UNIQUE INDEX IF NOT EXISTS {name}_g{generation}_pkey ON {table} ({key})");
        self.indexes.iter().enumerate().map(index).chain([key]).collect()
    }

    /// Makes the key of what is unique already.
    pub(crate) fn add_key(&self, place: Place, generation: i64) -> String {
        let (table, name) = (self.at(place), self.name);
        format!("ALTER TABLE {table} ADD PRIMARY KEY USING INDEX {name}_g{generation}_pkey")
    }

    fn key_columns(&self) -> &'static [Column] {
        &self.columns[..self.key]
    }

    fn key_names(&self) -> String {
        names(self.key_columns(), "")
    }
}

fn names(columns: &[Column], prefix: &str) -> String {
    let names: Vec<_> = columns.iter().map(|column| format!("{prefix}{}", column.name)).collect();
    names.join(", ")
}

/// `unnest($1::text[], …) AS given(…)`
fn given(columns: &[Column]) -> String {
    let arrays: Vec<_> = (1..=columns.len()).map(|number| format!("${number}::text[]")).collect();
    format!("unnest({}) AS given ({})", arrays.join(", "), names(columns, ""))
}

/// `t.a = given.a::text AND …`
fn matched(columns: &[Column]) -> String {
    let pairs: Vec<_> =
        columns.iter().map(|Column { name, kind, .. }| format!("t.{name} = given.{name}::{kind}")).collect();
    pairs.join(" AND ")
}

/// A value as PostgreSQL reads it; none is NULL.
pub(crate) type Field = Option<String>;

/// A row that is kept in a table.
pub(crate) trait StoredRow: Row {
    const TABLE: Table;

    /// The columns of the key.
    fn key_fields(key: &Self::Key) -> Vec<Field>;
    /// All columns.
    fn fields(&self) -> Vec<Field>;
    /// From all columns.
    fn read(row: &PgRow) -> Result<Self, sqlx::Error>;
}

/// Supplies the rows that were missed. False: there were none.
pub(crate) async fn load<R: StoredRow>(
    rows: &mut Rows<R>,
    connection: &mut PgConnection,
    place: Place,
) -> Result<bool, sqlx::Error> {
    let missed = rows.missed();
    if missed.is_empty() {
        return Ok(false);
    }
    let table = R::TABLE;
    let (key, columns) = (table.key_columns(), names(table.columns, "t."));
    let sql = format!("SELECT {columns} FROM {} JOIN {} t ON {}", given(key), table.at(place), matched(key));
    let found = bind(&sql, key.len(), missed.iter().map(R::key_fields)).fetch_all(connection).await?;
    let found = found.iter().map(R::read).collect::<Result<_, _>>()?;
    rows.supply(missed, found);
    Ok(true)
}

/// Writes what became of rows.
pub(crate) async fn save<R: StoredRow>(
    rows: &mut Rows<R>,
    connection: &mut PgConnection,
    place: Place,
) -> Result<(), sqlx::Error> {
    let (table, (written, removed)) = (R::TABLE, rows.changes());
    let (key, name) = (table.key_columns(), table.at(place));
    if !removed.is_empty() {
        let sql = format!("DELETE FROM {name} t USING {} WHERE {}", given(key), matched(key));
        bind(&sql, key.len(), removed.iter().map(R::key_fields)).execute(&mut *connection).await?;
    }
    if !written.is_empty() {
        let cast: Vec<_> =
            table.columns.iter().map(|Column { name, kind, .. }| format!("given.{name}::{kind}")).collect();
        let set: Vec<_> =
            table.columns[table.key..].iter().map(|Column { name, .. }| format!("{name} = excluded.{name}")).collect();
        let sql = format!(
            "INSERT INTO {name} ({}) SELECT {} FROM {} ON CONFLICT ({}) DO UPDATE SET {}",
            names(table.columns, ""),
            cast.join(", "),
            given(table.columns),
            table.key_names(),
            set.join(", ")
        );
        bind(&sql, table.columns.len(), written.iter().map(R::fields)).execute(connection).await?;
    }
    Ok(())
}

/// Binds rows as one array for each column.
fn bind<'q>(
    sql: &'q str,
    columns: usize,
    rows: impl Iterator<Item = Vec<Field>>,
) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let mut arrays: Vec<Vec<Field>> = vec![Vec::new(); columns];
    for row in rows {
        for (array, field) in arrays.iter_mut().zip(row) {
            array.push(field);
        }
    }
    arrays.into_iter().fold(sqlx::query(sql), |query, array| query.bind(array))
}

/// Adds new rows to a buffer, in the text form of COPY.
pub(crate) fn copy<R: StoredRow>(rows: &mut Rows<R>, out: &mut String) {
    for row in rows.changes().0 {
        for (number, field) in row.fields().into_iter().enumerate() {
            if number > 0 {
                out.push('\t');
            }
            match field {
                None => out.push_str("\\N"),
                Some(text) => escape(&text, out),
            }
        }
        out.push('\n');
    }
}

fn escape(text: &str, out: &mut String) {
    // Nearly all texts are plain.
    if !text.bytes().any(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')) {
        out.push_str(text);
        return;
    }
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
}

/// `{1,2,3}`
pub(crate) fn array(numbers: impl IntoIterator<Item = impl Into<i64>>) -> String {
    let mut text = String::from("{");
    for number in numbers {
        let comma = if text.len() > 1 { "," } else { "" };
        let _ = write!(text, "{comma}{}", number.into());
    }
    text.push('}');
    text
}
