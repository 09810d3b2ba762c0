//! Lost and doubled updates of forum: its counters in memory and its database, before and after a load,
//! against the number of requests that were accepted. A request that failed as documented may have had its
//! effect or not.

use std::time::Duration;

use super::{Exchange, Loaded};
use crate::bench::offload::numbers;
use crate::http::{Connection, Request};
use crate::process::Step;

const TIMEOUT: Duration = Duration::from_mins(2);
/// Requests that count a view of each id in their body, under a lock.
const VIEWS: &str = "/api/views";
/// The topic whose comments are posted; one transaction adds a comment and counts it.
const COMMENTED: &str = "/api/topics/50";
/// More comments than a soak posts.
const ALL: &str = "?comments=100000000";

/// What forum knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Views by topic: only of topics whose page nobody asks for, which would be a view too.
    views: Vec<(u64, u64)>,
    /// Comments in the database.
    comments: u64,
    /// Comments that the topic's own count says.
    counted: u64,
}

impl State {
    /// Asks forum.
    pub fn of(port: u16, exchanges: &[Exchange]) -> Step<Self> {
        let mut connection = Connection::new(port, TIMEOUT);
        let mut get = |path: &str| {
            let answer =
                connection.send(&Request::get(path)).map_err(|e| format!("{path}: {e}"))?;
            if answer.status != 200 {
                return Err(format!("{path}: status {}", answer.status));
            }
            Ok(String::from_utf8_lossy(&answer.body).into_owned())
        };
        let mut views = Vec::new();
        for id in counted_ids(exchanges) {
            let text = get(&format!("/api/topics/{id}/views"))?;
            let count = text.trim().parse().map_err(|_| format!("views of {id}: {text}"))?;
            views.push((id, count));
        }
        let topic = get(&format!("{COMMENTED}{ALL}"))?;
        let counted = numbers(&topic, "\"commentCount\":").first().copied();
        Ok(Self {
            views,
            comments: topic.matches("\"createdMs\"").count() as u64,
            counted: counted.ok_or("forum does not count comments")? as u64,
        })
    }

    /// Texts for what was lost or done twice since `before`.
    pub fn wrong_since(
        &self,
        before: &Self,
        exchanges: &[Exchange],
        loaded: &Loaded,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |what: String, before: u64, after: u64, path: &str| {
            let (accepted, failed) = answers(exchanges, loaded, path);
            let grown = after - before;
            if grown < accepted || grown > accepted + failed {
                wrong.push(format!(
                    "{what} grew by {grown}, {accepted} requests were accepted and {failed} failed"
                ));
            }
        };
        for ((id, after), (_, before)) in self.views.iter().zip(&before.views) {
            check(format!("views of topic {id}"), *before, *after, VIEWS);
        }
        let posted = format!("{COMMENTED}/comments");
        check("comments in the database".to_owned(), before.comments, self.comments, &posted);
        check("the count of comments".to_owned(), before.counted, self.counted, &posted);
        if self.comments - before.comments != self.counted - before.counted {
            wrong.push(format!("half a transaction: {before:?}, then {self:?}"));
        }
        wrong
    }

    /// Updates that were counted, for a person.
    pub fn grown_since(&self, before: &Self) -> String {
        let views = self.views.iter().map(|(_, n)| n).sum::<u64>()
            - before.views.iter().map(|(_, n)| n).sum::<u64>();
        format!("{views} views and {} comments", self.comments - before.comments)
    }
}

/// Accepted and failed requests to a path.
fn answers(exchanges: &[Exchange], loaded: &Loaded, path: &str) -> (u64, u64) {
    let rows = exchanges.iter().zip(loaded.accepted.iter().zip(&loaded.failed));
    rows.filter(|(exchange, _)| exchange.request.path == path)
        .fold((0, 0), |(a, f), (_, (accepted, failed))| (a + accepted, f + failed.len() as u64))
}

/// Ids whose views are counted by [`VIEWS`] alone.
fn counted_ids(exchanges: &[Exchange]) -> Vec<u64> {
    let page = |exchange: &Exchange| {
        let rest = exchange.request.path.strip_prefix("/topics/")?;
        rest.split('?').next()?.parse::<u64>().ok()
    };
    let pages: Vec<u64> = exchanges.iter().filter_map(page).collect();
    let bodies = exchanges.iter().filter(|exchange| exchange.request.path == VIEWS);
    let ids = bodies.flat_map(|exchange| {
        let words = exchange.request.body.split(|c: char| !c.is_ascii_digit());
        words.filter_map(|word| word.parse().ok())
    });
    ids.filter(|id| !pages.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Answer;

    fn exchange(path: &str, body: &str) -> Exchange {
        let request =
            Request { path: path.to_owned(), body: body.to_owned(), ..Request::default() };
        Exchange { request, expected: Answer { status: 200, body: Vec::new() } }
    }

    #[test]
    fn a_lost_update_a_doubled_one_and_half_a_transaction_are_found() {
        let exchanges = [
            exchange("/topics/2?comments=4", ""),
            exchange(VIEWS, "[1, 2, 3]"),
            exchange("/api/topics/50/comments", "{}"),
        ];
        assert_eq!(counted_ids(&exchanges), [1, 3]);
        let failed = vec![vec![], vec!["500".to_owned()], vec![]];
        let loaded = Loaded { answers: 16, accepted: vec![1, 10, 4], failed, wrong: Vec::new() };
        let state = |one, three, comments, counted| State {
            views: vec![(1, one), (3, three)],
            comments,
            counted,
        };
        let before = state(5, 5, 100, 100);
        let found = |after: State| after.wrong_since(&before, &exchanges, &loaded).len();
        assert_eq!(found(state(15, 16, 104, 104)), 0);
        assert_eq!(found(state(14, 15, 104, 104)), 1, "a lost view");
        assert_eq!(found(state(15, 17, 104, 104)), 1, "a doubled view");
        assert_eq!(found(state(15, 15, 103, 104)), 2, "a lost comment, half a transaction");
    }
}
