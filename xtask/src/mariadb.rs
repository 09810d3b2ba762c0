//! A MariaDB of one's own for tests: a new data folder in a temporary one, listening on the loopback address,
//! thrown away at the end. Started as root it runs as its own user `mysql`, as PostgreSQL does as `postgres`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_SECONDS: u64 = 60;

/// A running server with a database `shop` of a user `shop`.
pub struct Mariadb {
    folder: PathBuf,
    port: u16,
    server: Child,
}

impl Mariadb {
    /// Makes the data folder below `parent` and starts the server.
    ///
    /// # Errors
    /// When MariaDB is not installed or does not start, with its own words.
    pub fn start(parent: &Path, port: u16) -> Result<Self, String> {
        let program = server().ok_or(
            "MariaDB is missing; install it (on Debian: apt-get install -y mariadb-server)",
        )?;
        let folder = parent.join(format!("mariadb-{port}"));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        if is_root() {
            done(Command::new("chown").arg("mysql").arg(&folder))?;
            done(Command::new("chmod").arg("o+x").arg(parent))?;
        }
        let data = option("--datadir", &folder.join("data"));
        // Each server that starts removes the temporary tables it finds there, those of others too.
        let temporary = option("--tmpdir", &folder);
        let user = is_root().then_some("--user=mysql");
        let mut install = Command::new("mariadb-install-db");
        install.args([
            "--no-defaults",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ]);
        done(install.arg(&data).arg(&temporary).args(user))?;
        let log = std::fs::File::create(folder.join("log")).map_err(|e| e.to_string())?;
        let mut start = Command::new(program);
        start.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-log-bin"]);
        start.args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"]);
        start.arg(format!("--port={port}")).arg(&data).arg(&temporary).args(user);
        start.arg(option("--socket", &folder.join("socket")));
        start.arg(option("--pid-file", &folder.join("pid"))).current_dir(&folder);
        start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let server = start.spawn().map_err(|e| format!("{start:?}: {e}"))?;
        let own = Self { folder, port, server };
        own.wait_until_it_answers()?;
        own.sql("", "create database shop; create user shop@'%' identified by 'shop'; grant all on shop.* to shop@'%'")?;
        Ok(own)
    }

    fn wait_until_it_answers(&self) -> Result<(), String> {
        let until = Instant::now() + Duration::from_secs(START_SECONDS);
        loop {
            match self.sql("", "select 1") {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > until => {
                    let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                    return Err(format!("{error}\n{log}"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// The database's JDBC URL for the driver of this scheme: `mariadb` or `mysql`.
    pub fn url(&self, scheme: &str) -> String {
        format!("jdbc:{scheme}://127.0.0.1:{}/shop", self.port)
    }

    /// Runs statements as the superuser; gives what they print.
    ///
    /// # Errors
    /// The database's own words.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String, String> {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--user=root", "--batch", "--skip-column-names"]);
        client.arg(option("--socket", &self.folder.join("socket")));
        done(client.arg(format!("--execute={statements}")).arg(database))
    }
}

impl Drop for Mariadb {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn option(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

/// Where the server is: often in a folder that is not on the path of everyone.
fn server() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/usr/libexec", "/usr/local/sbin"].map(PathBuf::from));
    folders.into_iter().map(|folder| folder.join("mariadbd")).find(|program| program.is_file())
}

/// Whether a MariaDB is installed.
pub fn is_installed() -> bool {
    server().is_some()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

fn done(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{command:?}: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}
