//! Installs what is missing through the system's package manager when it is `apt-get` and we may use
//! it; otherwise fails with the exact command to run.

use crate::jdk::{self, Jdk};
use crate::process::{Step, command, is_on_path, output_of, run, say};

/// The JDKs of the machine, with those of `required` feature versions among them.
pub fn jdks(required: &[u32]) -> Step<Vec<Jdk>> {
    for &feature in required {
        if !jdk::all().iter().any(|jdk| jdk.feature == feature) {
            install_jdk(feature)?;
        }
    }
    let found = jdk::all();
    if found.is_empty() {
        install_jdk(17)?;
    }
    let found = jdk::all();
    if found.is_empty() {
        Err("no JDK of version 17 or newer was found".to_owned())
    } else {
        Ok(found)
    }
}

/// Maven.
pub fn maven() -> Step {
    if is_on_path("mvn") { Ok(()) } else { install("Maven", &["maven"]) }
}

/// PostgreSQL.
pub fn postgresql() -> Step {
    if crate::postgres::is_installed() {
        return Ok(());
    }
    install("PostgreSQL", &["postgresql"])
}

/// MariaDB.
pub fn mariadb() -> Step {
    if crate::mariadb::is_installed() {
        return Ok(());
    }
    install("MariaDB", &["mariadb-server"])
}

/// Chromium, in which the tests look at the HTML pages, and a font for it to write with.
pub fn chromium() -> Step {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let is_named = std::env::var_os("BEEHIVE_CHROMIUM").is_some();
    if is_named || names.iter().any(|name| is_on_path(name)) {
        return Ok(());
    }
    install("Chromium", &["chromium"])?;
    install("a font", &["fonts-liberation"])
}

fn install_jdk(feature: u32) -> Step {
    let open = format!("openjdk-{feature}-jdk-headless");
    let temurin = format!("temurin-{feature}-jdk");
    install(&format!("JDK {feature}"), &[&open, &temurin])
}

/// Installs the first of `packages` that the package manager knows.
fn install(what: &str, packages: &[&str]) -> Step {
    let by_hand = packages.iter().map(|p| format!("apt-get install -y {p}")).collect::<Vec<_>>();
    let by_hand = by_hand.join("   or   ");
    if !is_on_path("apt-get") {
        return Err(format!("{what} is missing; install it (on Debian: {by_hand})"));
    }
    let sudo = if is_root() { None } else { Some("sudo") };
    say(&format!("{what} is missing; installing it"));
    let _ = run(&mut apt(sudo, &["update", "-q"]));
    for package in packages {
        if output_of(&mut command("apt-cache", &["show", package])).is_some() {
            return run(&mut apt(
                sudo,
                &["install", "-y", "-q", "--no-install-recommends", package],
            ))
            .map_err(|e| format!("{e}; {what} is needed, install it by hand: {by_hand}"));
        }
    }
    Err(format!("{what} is missing and this system's package lists do not have it: {by_hand}"))
}

fn apt(sudo: Option<&str>, arguments: &[&str]) -> std::process::Command {
    let mut words: Vec<&str> = sudo.into_iter().collect();
    words.push("apt-get");
    words.extend(arguments);
    let (program, rest) = words.split_first().map_or(("apt-get", &[][..]), |(p, r)| (*p, r));
    let mut command = command(program, rest);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    output_of(&mut command("id", &["-u"])).is_some_and(|id| id.trim() == "0")
}
