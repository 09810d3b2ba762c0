//! How many more requests a server answers with workers beside it: the server on one processor, workers
//! and client on another, at saturation, its gate closed and open by turns. Two is the limit. Only for
//! machines with two processors or more.

use std::process::Stdio;
use std::time::Duration;

use super::load;
use super::offload::{Kind, OffloadRun, plan_forum};
use super::{option, text_option};
use crate::http::Request;
use crate::jdk::Jdk;
use crate::process::{Step, command, run as run_command, say};
use crate::{fixtures, tools};

const CONNECTIONS: usize = 4;
const SERVER_PROCESSOR: &str = "0";
const OTHER_PROCESSOR: &str = "1";
const BOTH_PROCESSORS: &str = "0,1";

/// Requests that spend their time in one root: those of `bench offload`, and a page that takes longer.
fn kinds() -> Vec<Kind> {
    let mut kinds = super::offload::kinds();
    kinds.push(Kind {
        name: "topic page, 100 comments (Markdown)",
        root: "TopicPage#render(",
        request: Request::get("/topics/21?comments=100"),
    });
    kinds
}

/// Runs the comparison; `--rounds N` (default 3) turns of each gate, `--warmup N` seconds of each
/// (default 20), `--workers N` (default 2), `--jdk N` only that feature version, `--only TEXT` only kinds whose
/// names hold the text, `--beehive PATH` a binary that is built already.
pub fn run(arguments: &[&str]) -> Step {
    let rounds = option(arguments, "--rounds").unwrap_or(3);
    let warm_up = Duration::from_secs(option(arguments, "--warmup").unwrap_or(20));
    let workers = option(arguments, "--workers").unwrap_or(2);
    let (beehive, jar) = (super::binary(arguments)?, fixtures::forum()?);
    let only = option(arguments, "--jdk");
    let named = text_option(arguments, "--only").unwrap_or_default();
    for jdk in tools::jdks(&[])? {
        if only.is_some_and(|feature| feature != u64::from(jdk.feature)) {
            continue;
        }
        for kind in kinds().into_iter().filter(|kind| kind.name.contains(named)) {
            let plan = plan_forum(&beehive, &jar, &jdk, &[kind.root], &[])?;
            let run = OffloadRun::start(&beehive, &jar, &jdk, &plan, ("off", workers), &[])?;
            pin(&run)?;
            let turns = turns(&run, &kind, rounds, warm_up);
            // The next server is started by this process and must see all processors.
            bind(BOTH_PROCESSORS, std::process::id())?;
            let turns = turns?;
            run.stop()?;
            report(&jdk, kind.name, &turns);
        }
    }
    Ok(())
}

/// Binds the server's threads to one processor, and its workers and this client to the other. What
/// they start later inherits that; a worker that replaces a lost one would not.
fn pin(run: &OffloadRun) -> Step {
    bind(SERVER_PROCESSOR, run.server().pid())?;
    bind(OTHER_PROCESSOR, std::process::id())?;
    run.server().other_jvms().into_iter().try_for_each(|worker| bind(OTHER_PROCESSOR, worker))
}

/// Lets all threads of a process run on these processors only.
fn bind(processors: &str, pid: u32) -> Step {
    let mut bind = command("taskset", &["-a", "-c", "-p", processors, &pid.to_string()]);
    run_command(bind.stdout(Stdio::null()))
}

/// Requests a second, gate closed and open, turn by turn.
fn turns(run: &OffloadRun, kind: &Kind, rounds: u64, warm_up: Duration) -> Step<Vec<(f64, f64)>> {
    let at = |mode: &str, time: Duration| {
        run.gate(mode)?;
        let stretch =
            load::for_time(run.port(), std::slice::from_ref(&kind.request), CONNECTIONS, time);
        if stretch.failed > 0 {
            return Err(format!("{}: {} failed answers", kind.name, stretch.failed));
        }
        Ok(stretch.requests as f64 / stretch.seconds)
    };
    at("off", warm_up)?;
    at("all", warm_up)?;
    let turn = Duration::from_secs(8);
    (0..rounds).map(|_| Ok((at("off", turn)?, at("all", turn)?))).collect()
}

fn report(jdk: &Jdk, name: &str, turns: &[(f64, f64)]) {
    let sorted = |of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = turns.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        (at(0), at(values.len() / 2), at(values.len().saturating_sub(1)))
    };
    let told =
        |(least, median, most): (f64, f64, f64)| format!("{median:.0} ({least:.0}–{most:.0})");
    let (closed, open) = (sorted(|turn| turn.0), sorted(|turn| turn.1));
    say(&format!(
        "JDK {} {name}: requests/s alone {}, with workers {}, ratio of medians {:.2}",
        jdk.version,
        told(closed),
        told(open),
        open.1 / closed.1
    ));
}
