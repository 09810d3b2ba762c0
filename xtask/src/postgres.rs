//! A PostgreSQL of one's own for tests and measurements: a new cluster in a temporary folder, listening on the
//! loopback address, thrown away at the end. PostgreSQL refuses to run as root, so root starts it as `postgres`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A running cluster with a database `forum` of a role `forum`.
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Makes the cluster below `parent` and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start, with its own words.
    pub fn start(parent: &Path, port: u16) -> Result<Self, String> {
        let programs = programs().ok_or(
            "PostgreSQL is missing; install it (on Debian: apt-get install -y postgresql)",
        )?;
        let folder = parent.join(format!("postgres-{port}"));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        if is_root() {
            done(Command::new("chown").arg("postgres").arg(&folder))?;
            done(Command::new("chmod").arg("o+x").arg(parent))?;
        }
        let own = Self { folder, programs, port };
        let data = own.data();
        done(own.program("initdb").args(["-A", "trust", "-U", "postgres", "-D", &data]))?;
        let options = format!("-p {port} -h 127.0.0.1 -k {} -c fsync=off", own.folder.display());
        let log = own.folder.join("log").display().to_string();
        done(own.program("pg_ctl").args(["-w", "-D", &data, "-o", &options, "-l", &log, "start"]))?;
        own.sql("postgres", "create role forum login password 'forum'")?;
        own.sql("postgres", "create database forum owner forum")?;
        Ok(own)
    }

    /// The database's JDBC URL.
    pub fn url(&self) -> String {
        format!("jdbc:postgresql://127.0.0.1:{}/forum", self.port)
    }

    /// Runs a statement as the superuser; gives what it prints.
    ///
    /// # Errors
    /// The database's own words.
    pub fn sql(&self, database: &str, statement: &str) -> Result<String, String> {
        let mut psql = self.program("psql");
        psql.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"]);
        done(psql.args(["-d", database, "-tAc", statement]))
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut as_user = Command::new("runuser");
            as_user.args(["-u", "postgres", "--"]).arg(program);
            as_user
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        let _ = done(self.program("pg_ctl").args(["-w", "-m", "immediate", "-D", &data, "stop"]));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Where the newest PostgreSQL of this machine has its programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.retain(|programs| programs.join("initdb").is_file());
    found.sort();
    found.pop()
}

/// Whether a PostgreSQL is installed.
pub fn is_installed() -> bool {
    programs().is_some()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// Runs a command to its end. A server that it leaves behind must not hold our pipes open.
fn done(command: &mut Command) -> Result<String, String> {
    let is_start = command.get_args().any(|word| word == "start");
    if is_start {
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        return match status {
            Ok(status) if status.success() => Ok(String::new()),
            Ok(status) => Err(format!("{command:?}: {status}")),
            Err(error) => Err(format!("{command:?}: {error}")),
        };
    }
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}
