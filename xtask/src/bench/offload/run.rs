//! Forum under `beehive run`: starts it, moves its gate, measures turns of requests, reads its own record.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Kind;
use super::figures::{Pair, Turn};
use crate::bench::server::Server;
use crate::http::Connection;
use crate::jdk::Jdk;
use crate::process::{Step, command, free_port, root};

const TIMEOUT: Duration = Duration::from_secs(30);
/// Time from writing a wish to the gate having moved.
const SETTLE: Duration = Duration::from_millis(600);

/// Forum under `beehive run`, its gate moved by a file.
pub struct OffloadRun {
    server: Server,
    port: u16,
    live: PathBuf,
    measured: PathBuf,
}

impl OffloadRun {
    /// Starts it with the gate at this mode and that many workers; `extra` are arguments of the
    /// application.
    pub fn start(
        beehive: &str,
        jar: &Path,
        jdk: &Jdk,
        plan: &Path,
        (mode, workers): (&str, u64),
        extra: &[String],
    ) -> Step<Self> {
        let live = root().join(format!("target/offload-{}.live", jdk.feature));
        let measured = root().join(format!("target/offload-{}.json", jdk.feature));
        std::fs::write(&live, format!("offload={mode}\n")).map_err(|e| e.to_string())?;
        // What an earlier run has measured must not be taken for this one's.
        let _ = std::fs::remove_file(&measured);
        let port = free_port()?;
        let mut launch = command(beehive, &["--quiet", "run", "--offload", mode, "--plan"]);
        launch.arg(plan).args(["--workers", &workers.to_string()]);
        launch.arg("--live").arg(&live).arg("--measured").arg(&measured);
        launch.args(["--", &jdk.tool("java"), "-Xms512m", "-Xmx512m", "-jar"]).arg(jar);
        launch.arg(format!("--server.port={port}")).args(extra);
        Ok(Self { server: Server::start(launch, port)?, port, live, measured })
    }

    /// Where it answers.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server itself.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// What it has measured so far: the record written last. Another one is asked for.
    pub fn record_so_far(&self) -> Option<String> {
        self.server.ask_for_record();
        std::fs::read_to_string(&self.measured).ok()
    }

    /// Moves the gate and waits until it has moved.
    pub fn gate(&self, mode: &str) -> Step {
        std::fs::write(&self.live, format!("offload={mode}\n")).map_err(|e| e.to_string())?;
        std::thread::sleep(SETTLE);
        Ok(())
    }

    pub fn measure(
        &self,
        kind: &Kind,
        rounds: u64,
        warm_up: Duration,
        window: Duration,
    ) -> Step<Pair> {
        let mut connection = Connection::new(self.port, TIMEOUT);
        let mut pair = Pair::default();
        for mode in ["off", "all"] {
            self.gate(mode)?;
            self.turn(&mut connection, kind, warm_up)?;
        }
        for _ in 0..rounds {
            self.gate("off")?;
            pair.local.push(self.turn(&mut connection, kind, window)?);
            self.gate("all")?;
            pair.offloaded.push(self.turn(&mut connection, kind, window)?);
        }
        // A closed gate counts nothing: the root's own time is sampled where the ratio leaves it at home.
        self.gate("ratio=0.001")?;
        self.turn(&mut connection, kind, window)?;
        self.gate("off")?;
        Ok(pair)
    }

    fn turn(&self, connection: &mut Connection, kind: &Kind, time: Duration) -> Step<Turn> {
        let (end, cpu_before) = (Instant::now() + time, self.server.request_cpu_ns());
        let mut latencies_us = Vec::new();
        while Instant::now() < end {
            let began = Instant::now();
            let answer =
                connection.send(&kind.request).map_err(|e| format!("{}: {e}", kind.name))?;
            if answer.status >= 400 {
                return Err(format!("{}: status {}", kind.name, answer.status));
            }
            latencies_us.push(began.elapsed().as_secs_f64() * 1e6);
        }
        latencies_us.sort_by(f64::total_cmp);
        let cpu_ns = self.server.request_cpu_ns() - cpu_before;
        let at = |share: f64| {
            let index = (latencies_us.len() as f64 * share) as usize;
            latencies_us.get(index.min(latencies_us.len().saturating_sub(1))).copied()
        };
        Ok(Turn {
            us_p50: at(0.5).unwrap_or_default(),
            us_p99: at(0.99).unwrap_or_default(),
            cpu_us: cpu_ns as f64 / 1e3 / latencies_us.len() as f64,
        })
    }

    /// Ends the run; gives what it measured.
    pub fn stop(self) -> Step<String> {
        self.server.stop();
        std::fs::read_to_string(&self.measured)
            .map_err(|e| format!("{}: {e}", self.measured.display()))
    }
}
