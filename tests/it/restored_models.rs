//! Events that were read before an older log was restored, and writes of whoever has lost the work.

use std::sync::Arc;

use synctv_domain::{Position, Timestamp};
use synctv_postgres::{Incarnation, PgLeases, PgPages, PgProjector, Vault, connect, credential};
use synctv_projections::{Applied, Leases, LogPages, Projector};

use crate::support::{World, caught_up, digests, head, poison};

#[tokio::test]
async fn what_the_log_no_longer_holds_and_what_a_late_worker_writes_is_not_taken_in() {
    let world = World::new().await;
    let room = world.guest("Ann").await.room().await;
    caught_up(&world.database).await;
    let World { server, database, .. } = world;
    assert!(server.terminate().success());
    let from = Position(head(&database).await);
    poison(&database, &room).await;
    let pool = connect(&database, 2).await.expect("the database is up");
    let incarnation = Arc::new(Incarnation::existing(&pool).await.expect("there is a log"));
    let key = credential(&pool, None).await.expect("the database answers").expect("it is kept there");
    let vault = Arc::new(Vault::new(pool.clone(), &key, Arc::clone(&incarnation)));
    let page = PgPages::new(pool.clone(), incarnation).page(from, 10).await.expect("the log can be read");
    assert_eq!(page.len(), 1);
    // The same command, given again to another log, has the same place there at another time.
    let mut of_another = page.to_vec();
    of_another[0].at = Timestamp(of_another[0].at.0 - 1);
    let before = digests(&database).await;
    for projector in PgProjector::all(&pool, &vault) {
        // One writes a row, to the other the event means nothing.
        if !["audit_index", "playlists"].contains(&projector.name()) {
            continue;
        }
        let work = format!("projection/{}", projector.name());
        let [late, own] = ["late", "own"].map(|node| PgLeases::new(pool.clone(), node.to_owned()));
        let lost = late.hold(&work).await.expect("the database answers").expect("nobody works");
        assert_eq!(own.hold(&work).await.expect("the database answers"), None, "it is taken");
        late.give_up().await.expect("the database answers");
        let token = own.hold(&work).await.expect("the database answers").expect("it was given up");
        assert_eq!(projector.apply(token, from, &of_another).await.expect("the database answers"), Applied::Elsewhere);
        assert_eq!(projector.apply(lost, from, &page).await.expect("the database answers"), Applied::Elsewhere);
        assert_eq!(projector.position().await.expect("the database answers"), from, "{}", projector.name());
        assert_eq!(digests(&database).await, before, "{}", projector.name());
        assert_eq!(projector.apply(token, from, &page).await.expect("the database answers"), Applied::All);
        own.give_up().await.expect("the database answers");
    }
    assert_ne!(digests(&database).await, before);
}
