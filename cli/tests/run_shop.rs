//! `beehive run` on shop, which reads and writes orders by JdbcTemplate, MyBatis and JPA: over every pool and
//! each kind of database, answers and what is in the database afterwards are those of a server alone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod application;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with the tools")]
#[path = "../../xtask/src/mariadb.rs"]
mod mariadb;
#[allow(dead_code, reason = "shared with the measurements")]
#[path = "../../xtask/src/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use application::{Pair, Setting, compare, plan_roots, tell};
use beehive_measured::{Measured, MeasuredRoot};
use mariadb::Mariadb;
use postgres::Postgres;
use support::{Folder, Jdk, free_port, jdks};

/// Every handler: what it calls begins and ends its own transaction.
const ROOTS: [&str; 12] = [
    "JdbcOrderApi#read(",
    "JdbcOrderApi#place(",
    "MyBatisOrderApi#read(",
    "MyBatisOrderApi#place(",
    "MyBatisOrderApi#product(",
    "MyBatisOrderApi#raise(",
    "JpaOrderApi#read(",
    "JpaOrderApi#whole(",
    "JpaOrderApi#page(",
    "JpaOrderApi#place(",
    "JpaOrderApi#raise(",
    "JpaOrderApi#late(",
];

const TABLES: [&str; 4] = [
    "select id, name, price_cents, stock, version from product order by id",
    "select id, customer, total_cents from customer_order order by id",
    "select id, order_id, product_id, quantity from order_line order by id",
    "select id, order_id, what from order_event order by id",
];

/// A database in another process.
enum Database {
    Postgres(Postgres),
    /// With the scheme of the driver's URLs.
    Mariadb(Mariadb, &'static str),
}

impl Database {
    fn start(kind: &str, out: &Folder) -> Self {
        let parent = out.path("");
        match kind {
            "mariadb" => {
                Self::Mariadb(Mariadb::start(parent.as_ref(), free_port()).unwrap(), "mariadb")
            }
            "mysql" => {
                Self::Mariadb(Mariadb::start(parent.as_ref(), free_port()).unwrap(), "mysql")
            }
            _ => Self::Postgres(Postgres::start(parent.as_ref(), free_port()).unwrap()),
        }
    }

    fn arguments(&self) -> Vec<String> {
        let (url, name) = match self {
            Self::Postgres(server) => (server.url(), "forum"),
            Self::Mariadb(server, scheme) => (server.url(scheme), "shop"),
        };
        let option = |key: &str, value: &str| format!("--spring.datasource.{key}={value}");
        vec![option("url", &url), option("username", name), option("password", name)]
    }

    fn sql(&self, statements: &str) -> String {
        match self {
            Self::Postgres(server) => server.sql("forum", statements).unwrap(),
            Self::Mariadb(server, _) => server.sql("shop", statements).unwrap(),
        }
    }

    fn tables(&self) -> Vec<String> {
        TABLES.iter().map(|table| self.sql(table)).collect()
    }
}

/// One way to set the application up.
struct Combination {
    database: &'static str,
    pool: &'static str,
    /// Without the roots of JPA.
    profile: &'static str,
    options: &'static [&'static str],
    /// All rounds of requests are sent this often.
    times: usize,
}

/// The first invocations of each root run at home, or are rehearsed.
const TIMES: usize = 2;
const IN_VIEW: &str = "--spring.jpa.open-in-view=true";
const CACHED: &str = "--spring.jpa.properties.hibernate.cache.use_second_level_cache=true";
const HIKARI: &str = "com.zaxxer.hikari.HikariDataSource";
const TOMCAT: &str = "org.apache.tomcat.jdbc.pool.DataSource";
const DBCP2: &str = "org.apache.commons.dbcp2.BasicDataSource";
#[cfg(feature = "long-tests")]
const NO_POOL: &str = "org.springframework.jdbc.datasource.SimpleDriverDataSource";

impl Combination {
    const fn of(database: &'static str, pool: &'static str) -> Self {
        Self { database, pool, profile: "default", options: &[], times: TIMES }
    }

    #[cfg(feature = "long-tests")]
    const fn without_jpa(database: &'static str, pool: &'static str) -> Self {
        Self { database, pool, profile: "nojpa", options: &[], times: TIMES }
    }

    fn setting(&self, database: &Database) -> Setting {
        let mut arguments = database.arguments();
        arguments.push(format!("--spring.datasource.type={}", self.pool));
        arguments.push(format!("--spring.profiles.active={}", self.profile));
        arguments.extend(self.options.iter().map(|&option| option.to_owned()));
        let with_jpa = &["requests.http", "requests-jpa.http"];
        let requests = if self.has_jpa() { &with_jpa[..] } else { &with_jpa[..1] };
        Setting {
            application: "shop",
            requests,
            first_page: "/jdbc/orders/1",
            arguments,
            ..Setting::default()
        }
    }

    /// With an EntityManager that is open around each request, Spring Boot's default.
    const fn in_view(self) -> Self {
        Self { options: &[IN_VIEW], ..self }
    }

    /// With a second-level cache, which keeps JPA at home.
    const fn cached(self) -> Self {
        Self { options: &[CACHED], times: 1, ..self }
    }

    /// Whether roots of this method are offloaded, once and for all.
    fn offloads(&self, method: &str) -> bool {
        (self.has_jpa() || !method.contains(".jpa.")) && !self.may_refuse(method)
    }

    /// MyBatis asks home within its transaction, which an open EntityManager lets others see.
    fn may_refuse(&self, method: &str) -> bool {
        let asks = method.contains(".mybatis.") && !method.contains("#product(");
        asks && self.options.contains(&IN_VIEW)
    }

    fn has_jpa(&self) -> bool {
        self.profile != "nojpa"
    }
}

#[test]
fn shop_answers_with_workers_as_it_does_alone_on_the_first_jdk() {
    let jdk = jdks().swap_remove(0);
    let out = planned(&jdk);
    judge_each(&jdk, &out, &[Combination::of("mariadb", TOMCAT)]);
    runs_at_home(&jdk, &out, &Combination::of("mariadb", HIKARI).cached());
}

#[test]
fn shop_answers_with_workers_as_it_does_alone_on_the_last_jdk() {
    let jdk = jdks().pop().unwrap();
    judge_each(&jdk, &planned(&jdk), &[Combination::of("postgresql", DBCP2).in_view()]);
}

/// What the two before leave out, on both JDKs.
#[cfg(feature = "long-tests")]
#[test]
fn shop_answers_alike_over_every_pool_and_database_on_every_jdk() {
    let combinations = [
        Combination::of("postgresql", HIKARI),
        Combination::of("postgresql", DBCP2).in_view(),
        Combination::of("mariadb", TOMCAT),
        Combination::without_jpa("mysql", NO_POOL),
    ];
    for jdk in jdks() {
        judge_each(&jdk, &planned(&jdk), &combinations);
    }
}

fn judge_each(jdk: &Jdk, out: &Folder, combinations: &[Combination]) {
    for combination in combinations {
        judge(combination, &compared(jdk, out, combination));
    }
}

/// What touches JPA that may not move: no root of such an application leaves.
fn runs_at_home(jdk: &Jdk, out: &Folder, combination: &Combination) {
    let all = compared(jdk, out, combination);
    let roots = &all.server.as_ref().unwrap().roots;
    let is_refused =
        |root: &MeasuredRoot| root.not_offloaded.contains_key("OFFLOAD_PERSISTENCE_AT_HOME");
    assert!(roots.iter().any(is_refused), "{roots:?}");
    for root in roots {
        assert_eq!((root.offloaded, root.failed), (0, 0), "{:?}: {root:?}", combination.options);
    }
}

/// Records and plans shop once for a JDK: which pool or database it has is no matter of the plan.
fn planned(jdk: &Jdk) -> Folder {
    let out = Folder::new(&format!("run-shop-{}", jdk.feature));
    let database = Database::start("postgresql", &out);
    let combination = Combination::of("postgresql", HIKARI);
    let setting = combination.setting(&database);
    plan_roots(&setting, jdk, &out, &ROOTS);
    out
}

/// Sends every request to shop alone and to shop with its roots on a worker, each on a database of its own;
/// answers and what is in the databases afterwards must be the same. What the latter measured.
fn compared(jdk: &Jdk, out: &Folder, combination: &Combination) -> Measured {
    let [first, second] = [(); 2].map(|()| Database::start(combination.database, out));
    let settings = [&first, &second].map(|database| combination.setting(database));
    let pair = Pair::start(settings.each_ref(), jdk, &[], out);
    for _ in 0..combination.times {
        compare(&settings[1], pair.alone.port, pair.helped.port);
    }
    let [_, all] = pair.stop(out);
    assert_eq!(first.tables(), second.tables());
    let Combination { database, pool, profile, options, .. } = combination;
    tell(&format!("JDK {}, {database}, {pool}, {profile} {options:?}", jdk.feature), &all);
    all
}

/// Calls home of an execution: one before something is committed, two around the numbers of `OrderEvent`, which
/// Hibernate draws under a lock. MyBatis has its thread-locals besides. With an EntityManager that comes and goes
/// with every invocation, so do plans of pages and of what is fetched along.
fn calls_max(method: &str, in_view: bool) -> Option<u64> {
    let calls = match method {
        _ if method.contains("MyBatis") => return None,
        _ if in_view && method.contains("#page(") => 3,
        _ if in_view && method.contains("#whole(") => 1,
        _ if method.contains("JpaOrderApi#place(") => 3,
        _ if method.contains("#place(") || method.contains("#raise(") => 1,
        _ => 0,
    };
    Some(calls)
}

fn judge(combination: &Combination, all: &Measured) {
    for root in &all.server.as_ref().unwrap().roots {
        let told = format!("{root:?}");
        assert_eq!(root.failed, 0, "{told}");
        assert!(root.databases_at_home.is_empty(), "{told}");
        let offloads = combination.offloads(&root.method);
        let is_refused = root.not_offloaded.contains_key("OFFLOAD_RESOURCE_ESCAPE");
        assert_eq!(is_refused, combination.may_refuse(&root.method), "{told}");
        assert!(is_refused || (root.offloaded > 0) == offloads, "{told}");
        let in_view = combination.options.contains(&IN_VIEW);
        if let Some(calls) = calls_max(&root.method, in_view).filter(|_| offloads) {
            let later = root.steady.fallbacks;
            assert!(root.steady.executions > 0, "{told}");
            // Each time that what nobody needs is forgotten, some of it may have to be asked for again;
            // with the rehearsals of the roots that write, that happens twice.
            let again = 2 * 3;
            assert!(later.total() <= calls * root.steady.executions + again, "{told}");
        }
    }
    assert!(all.workers.lost.is_empty(), "{:?}", all.workers.lost);
}
