//! Cells that are measured on the real server, in processes of its own.

use super::{Bench, Projected};
use crate::cell::Cell;
use crate::failure::Failure;
use crate::nodes::{Part, PrivateRedis};
use crate::{delivery, projections, schema, ways};

impl Bench<'_> {
    /// Each on a server that has just been started.
    pub(super) async fn delivery(&mut self, cell: Cell) -> Result<(), Failure> {
        let database = match self.served.take() {
            Some(database) => database,
            None => schema::fresh(self.postgres, "served").await?,
        };
        let database = self.served.insert(database).clone();
        if cell == Cell::Storm {
            let (seconds, pages) = delivery::storm(&database).await?;
            self.note(cell, "s", seconds);
            self.note(cell, "pages", pages);
            return Ok(());
        }
        let server = delivery::Process::synctv(&database)?;
        match cell {
            Cell::Latency => {
                let taken = delivery::latency(&server, self.length).await?;
                self.quantiles(cell, &taken);
            }
            Cell::Sleepers => {
                let found = delivery::sleepers(&server, self.length).await?;
                self.note(cell, "alone", found.alone);
                self.note(cell, "p99", found.beside);
                self.note(cell, "kib", found.kib);
            }
            Cell::Deliver => {
                let (core, rate, size) = delivery::ours(&server, self.length).await?;
                self.note(cell, "core", core);
                self.note(cell, "rate", rate);
                self.size = size;
            }
            Cell::Ways => {
                for figure in ways::commands(&server, self.length).await? {
                    self.note(cell, &figure.name, figure.value);
                }
            }
            Cell::Told => {
                // Both on this server, one after the other.
                let [socket, grpc] =
                    [delivery::latency(&server, self.length).await?, ways::told(&server, self.length).await?];
                for (way, taken) in [("socket", socket), ("grpc", grpc)] {
                    let at = |percent: usize| taken.get(taken.len() * percent / 100).copied().unwrap_or(f64::NAN);
                    self.note(cell, &format!("{way}.p50"), at(50));
                    self.note(cell, &format!("{way}.p99"), at(99));
                }
            }
            Cell::Idle => {
                let (socket, stream) = delivery::idle(&server).await?;
                self.note(cell, "socket", socket);
                self.note(cell, "stream", stream);
            }
            _ => {
                let taken = delivery::recovery(&server).await?;
                self.note(cell, "ms", taken);
            }
        }
        Ok(())
    }

    /// Each on a server that has just been started, over the same log.
    pub(super) async fn read_side(&mut self, cell: Cell) -> Result<(), Failure> {
        let length = self.length;
        let Projected { database, guest, room } = self.projected().await?;
        let server = delivery::Process::synctv(database)?;
        if cell == Cell::Lag {
            let (ages, rate) = projections::lag(&server, database, length).await?;
            self.quantiles(cell, &ages);
            self.note(cell, "rate", rate);
            return Ok(());
        }
        let pages = projections::pages(&server, database, guest, room, length).await?;
        let named = [
            ("directory", &pages.directory),
            ("chat", &pages.chat),
            ("bare_directory", &pages.bare_directory),
            ("bare_chat", &pages.bare_chat),
        ];
        for (name, times) in named {
            self.note(cell, name, times.get(times.len() * 99 / 100).copied().unwrap_or(f64::NAN));
        }
        Ok(())
    }

    /// A log that read models are made of.
    pub(super) async fn projected(&mut self) -> Result<&Projected, Failure> {
        let projected = match self.projected.take() {
            Some(projected) => projected,
            None => {
                let database = schema::fresh(self.postgres, "projected").await?;
                let (guest, room) = projections::fill(&database).await?;
                // What the first reader meets is made, not followed.
                projections::rebuild(&database).await?;
                Projected { database, guest, room }
            }
        };
        Ok(self.projected.insert(projected))
    }

    /// All over one log and one Redis.
    pub(super) async fn nodes(&mut self, cell: Cell, part: Part) -> Result<(), Failure> {
        if self.shared.is_none() {
            self.shared = Some((schema::fresh(self.postgres, "shared").await?, PrivateRedis::start().await?));
        }
        let Some((database, redis)) = &self.shared else { return Ok(()) };
        for figure in part.measure(self.postgres, database, redis, self.length).await? {
            self.note(cell, &figure.name, figure.value);
        }
        Ok(())
    }
}
