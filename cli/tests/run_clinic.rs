//! `beehive run` on clinic, an application as Spring Boot's defaults make it: pages with an EntityManager open in
//! view, forms, sessions, caches, events. All handlers are roots; pages, and what is in the database afterwards,
//! are those of a server alone.

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

use application::{Setting, assert_offloads, plan_roots, side_by_side};
use postgres::Postgres;
use support::{Folder, free_port, jdks};

/// All of them.
const HANDLERS: [&str; 27] = [
    "HomePages#welcome(",
    "HomePages#activity(",
    "PatientPages#list(",
    "PatientPages#detail(",
    "PatientPages#remark(",
    "PatientForms#empty(",
    "PatientForms#create(",
    "PatientForms#filled(",
    "PatientForms#edit(",
    "PatientApi#read(",
    "PatientApi#search(",
    "PatientApi#create(",
    "PatientApi#change(",
    "DentistPages#list(",
    "DentistPages#move(",
    "VisitPages#ofDay(",
    "VisitPages#detail(",
    "VisitPages#become(",
    "BookingPages#begin(",
    "BookingPages#when(",
    "BookingPages#look(",
    "BookingPages#confirm(",
    "VisitApi#read(",
    "VisitApi#ofPatient(",
    "VisitApi#book(",
    "VisitApi#close(",
    "VisitApi#income(",
];

const TABLES: [&str; 8] = [
    "select * from skill order by id",
    "select * from dentist order by id",
    "select * from dentist_skill order by dentist_id, skill_id",
    "select * from patient order by id",
    "select * from patient_allergy order by patient_id, allergy",
    "select * from remark order by id",
    "select * from visit order by id",
    "select * from treatment order by id",
];

/// Times the requests are sent; each handler has several.
const ROUNDS: usize = 6;

/// Of the roots: which ones have met an idle worker often enough is chance.
const OFFLOADED_MIN: usize = 10;

#[test]
fn clinic_answers_with_workers_as_it_does_alone() {
    let jdk = jdks().swap_remove(0);
    let out = Folder::new(&format!("run-clinic-{}", jdk.feature));
    let start = || Postgres::start(out.path("").as_ref(), free_port()).unwrap();
    plan_roots(&setting(&start()), &jdk, &out, &HANDLERS);
    let databases = [start(), start()];
    let settings = databases.each_ref().map(setting);
    let all = side_by_side(settings.each_ref(), &jdk, &out, ROUNDS);
    assert_offloads(&all, OFFLOADED_MIN);
    let rows = |database: &Postgres| TABLES.map(|table| database.sql("forum", table).unwrap());
    let [first, second] = databases.each_ref().map(rows);
    assert_eq!(first, second);
}

fn setting(database: &Postgres) -> Setting {
    let option = |key: &str, value: &str| format!("--spring.datasource.{key}={value}");
    let arguments = vec![
        option("url", &database.url()),
        option("username", "forum"),
        option("password", "forum"),
    ];
    Setting { application: "clinic", first_page: "/dentists", arguments, ..Setting::default() }
}
