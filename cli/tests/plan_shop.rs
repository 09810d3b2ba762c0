//! What `beehive plan` makes of deep runs of shop, an application with JPA, MyBatis and JdbcTemplate on PostgreSQL: reading
//! through them is predicted to need nothing of home, as `run_shop` measures it; JPA that may not move is refused.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod application;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with the measurements")]
#[path = "../../xtask/src/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use application::{Setting, record};
use postgres::Postgres;
use serde_json::Value;
use support::{Folder, Jdk, beehive, free_port, jdks, json_of};

/// Handlers that only read, each by other means.
const READING: [&str; 6] = [
    "jdbc.JdbcOrderApi#read(",
    "mybatis.MyBatisOrderApi#read(",
    "jpa.JpaOrderApi#read(",
    "jpa.JpaOrderApi#late(",
    "jpa.JpaOrderApi#page(",
    "jpa.JpaOrderApi#whole(",
];
const IN_VIEW: &str = "--spring.jpa.open-in-view=true";
const CACHED: &str = "--spring.jpa.properties.hibernate.cache.use_second_level_cache=true";

#[test]
fn jpa_that_moves_is_predicted_to_need_nothing_of_home() {
    let in_view: [&[&str]; 2] = [&[], &[IN_VIEW]];
    for (jdk, options) in jdks().into_iter().zip(in_view) {
        let plan = plan_of(&jdk, options);
        for root in READING {
            let predicted = find(&plan["predicted"]["roots"], root);
            let refusals = refusals_of(predicted);
            assert!(refusals.is_empty(), "JDK {}, {root}: {refusals:?}", jdk.feature);
            let tenth = predicted["executions"].as_array().unwrap().last().unwrap();
            let kinds = tenth["fallbacks"].as_object().unwrap();
            let calls: f64 = kinds.values().map(|each| each.as_f64().unwrap()).sum();
            assert!(calls < 1.0, "JDK {}, {root}: {tenth}", jdk.feature);
        }
    }
}

#[test]
fn jpa_that_may_not_move_is_refused() {
    let plan = plan_of(&jdks().swap_remove(0), &[CACHED]);
    for root in READING {
        let refusals = refusals_of(find(&plan["predicted"]["roots"], root));
        assert_eq!(refusals[0]["code"], "OFFLOAD_PERSISTENCE_CACHE", "{root}: {refusals:?}");
        let reason = refusals[0]["reason"].as_str().unwrap();
        assert!(reason.contains("second-level"), "{root}: {reason}");
    }
}

/// The plan of a deep run; without a light one it holds no gains, but all that was seen.
fn plan_of(jdk: &Jdk, options: &[&str]) -> Value {
    let out = Folder::new(&format!("plan-shop-{}", jdk.feature));
    let database = Postgres::start(out.path("").as_ref(), free_port()).unwrap();
    let source = ["url", "username", "password"].map(|key| format!("--spring.datasource.{key}="));
    let values = [database.url(), "forum".to_owned(), "forum".to_owned()];
    let mut arguments: Vec<String> = source.into_iter().zip(values).map(|(k, v)| k + &v).collect();
    arguments.extend(options.iter().map(|&option| option.to_owned()));
    let requests = &["requests.http", "requests-jpa.http"];
    let setting = Setting {
        application: "shop",
        requests,
        first_page: "/jdbc/orders/1",
        arguments,
        ..Setting::default()
    };
    let sampling =
        ["--deep", "--every", "3", "--samples", "30", "--duration", "25s", "--rate", "40/s"];
    let trace = record(&setting, jdk, &out, &sampling);
    let plan = beehive(&["plan", &trace, "-o", &out.path("plan.toml"), "--format", "json"]);
    assert_eq!(plan.status.code(), Some(4), "{}", plan.stderr);
    json_of(&plan)
}

/// What refuses a root, but for threads: on a busy machine the pool may grow while an invocation is sampled, and
/// hands the opening of a connection to a thread of its own.
fn refusals_of(predicted: &Value) -> Vec<&Value> {
    let all = predicted["refusals"].as_array().unwrap();
    all.iter().filter(|refusal| refusal["code"] != "OFFLOAD_THREADS").collect()
}

fn find<'p>(list: &'p Value, method: &str) -> &'p Value {
    let is_meant = |row: &&Value| row["method"].as_str().is_some_and(|name| name.contains(method));
    list.as_array().unwrap().iter().find(is_meant).unwrap()
}
