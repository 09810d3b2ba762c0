//! What becomes of JPA on a worker, by the runtime's rules (docs/run.md): Hibernate 6 moves with all it makes,
//! unless its factories share a cache, or its EntityManager was open before the root began. Read by
//! `handling`, which judges objects, and by `refusals`.

use beehive_plan::{Refusal, code};
use beehive_trace::ObjectEdge;

use super::causes::Scene;
use super::refusals::refuse;
use super::types::Types;

/// What an EntityManager's classes have above them.
const ENTITY_MANAGERS: [&str; 2] =
    ["jakarta.persistence.EntityManager", "javax.persistence.EntityManager"];

/// The other types whose objects go where JPA goes.
const AROUND: [&str; 7] = [
    "jakarta.persistence.EntityManagerFactory",
    "jakarta.persistence.Query",
    "jakarta.persistence.EntityTransaction",
    "javax.persistence.EntityManagerFactory",
    "javax.persistence.Query",
    "javax.persistence.EntityTransaction",
    "org.springframework.orm.jpa.JpaTransactionManager",
];

/// Classes of Spring that open an EntityManager around a whole request.
const OPEN_IN_VIEW: &str = "org.springframework.orm.jpa.support.OpenEntityManagerInView";

/// The class of Hibernate that stands for a second-level or query cache; another one does without.
const CACHING: &str = "org.hibernate.cache.internal.EnabledCaching";

/// What all JPA of the trace does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Persistence {
    /// There is none, or it travels.
    Moves,
    /// Hibernate caches across transactions.
    Cached,
    /// Another implementation, or one of before Jakarta.
    Unknown,
}

impl Persistence {
    pub(crate) fn of(types: &Types<'_>) -> Self {
        let [jakarta, before] = ENTITY_MANAGERS.map(|manager| types.has_package(manager));
        // Not its validator, which goes with any JPA.
        let is_hibernate = jakarta && types.has_package("org.hibernate.internal.");
        match () {
            () if types.has_package(CACHING) => Self::Cached,
            () if (jakarta || before) && !is_hibernate => Self::Unknown,
            () => Self::Moves,
        }
    }
}

/// Whether the class is part of JPA.
pub(crate) fn includes(lineage: &[&str]) -> bool {
    let is_part = |up: &&str| ENTITY_MANAGERS.contains(up) || AROUND.contains(up);
    lineage.iter().any(is_part)
}

/// Whether the root comes to JPA that stays at the server.
pub(crate) fn stays(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    // A session that is open around the request has taken no connection, and goes to the worker with the rest.
    let in_view = scene.judge.types.has_package(OPEN_IN_VIEW);
    let may_move = in_view && scene.judge.persistence == Persistence::Moves;
    if let Some(edge) = reached(scene, is_open_before).filter(|_| !may_move) {
        found.push(open_before(scene, edge));
        return;
    }
    let (code, what, change) = match scene.judge.persistence {
        Persistence::Moves => return,
        Persistence::Cached => (
            code::OFFLOAD_PERSISTENCE_CACHE,
            "works with Hibernate, which keeps a second-level or query cache",
            "switch the cache off (hibernate.cache.use_second_level_cache, use_query_cache), or offload what does not use JPA",
        ),
        Persistence::Unknown => (
            code::OFFLOAD_PERSISTENCE_AT_HOME,
            "works with a JPA that is not known to move: Hibernate does from version 6 on",
            "use Hibernate 6, or offload what does not use JPA",
        ),
    };
    if let Some(edge) = reached(scene, |scene, class| includes(&scene.judge.types.lineage(class))) {
        let reason = format!("{what}: its {} stays at the server", short(&edge.target));
        found.push(refuse(code, reason, scene.region.path_to(&edge.target), change));
    }
}

fn open_before(scene: Scene<'_, '_>, edge: &ObjectEdge) -> Refusal {
    let reason = format!(
        "works with an EntityManager ({}) that was open before it began: its caller has opened it",
        short(&edge.target)
    );
    let change = "offload the method that opens the EntityManager or begins the transaction, or one above it";
    let path = scene.region.path_to(&edge.target);
    refuse(code::OFFLOAD_PERSISTENCE_AT_HOME, reason, path, change)
}

/// An EntityManager itself: proxies in front of the current one are there all the time.
fn is_open_before(scene: Scene<'_, '_>, class: &str) -> bool {
    let lineage = scene.judge.types.lineage(class);
    ENTITY_MANAGERS.iter().any(|manager| lineage.contains(manager))
        && !scene.judge.types.is_jdk_proxy(class)
}

/// The most used existing object of a kind that the root comes to.
fn reached<'a>(
    scene: Scene<'_, 'a>,
    is_wanted: impl Fn(Scene<'_, 'a>, &str) -> bool,
) -> Option<&'a ObjectEdge> {
    let rows = scene.rows.objects.iter();
    let rows = rows.filter(|row| row.objects > 0 && is_wanted(scene, &row.target));
    rows.filter(|row| scene.region.holder_weight(&row.holder, &row.target) > 0.0)
        .max_by(|a, b| a.reads.cmp(&b.reads).then(b.target.cmp(&a.target)))
}

fn short(class: &str) -> &str {
    class.rsplit('.').next().unwrap_or(class)
}
