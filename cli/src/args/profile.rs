//! Arguments of `beehive profile`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use beehive_record::{LoadSpec, Rate};
use clap::Args;

/// Arguments of `beehive profile`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  \
    beehive profile -- java -jar app.jar\n  \
    beehive profile --duration 60s --load requests.http --rate 50/s -o app.beetrace -- java -Xmx1g -jar app.jar\n  \
    beehive profile -- ./mvnw spring-boot:run\n  \
    beehive profile --pid 4711 --duration 30s\n  \
    beehive profile --deep --from app.beetrace -o deep.beetrace --load requests.http -- java -jar app.jar",
    after_long_help = "Examples:\n  \
    beehive profile -- java -jar app.jar\n  \
    beehive profile --duration 60s --load requests.http --rate 50/s -o app.beetrace -- java -Xmx1g -jar app.jar\n  \
    beehive profile -- ./mvnw spring-boot:run\n  \
    beehive profile --pid 4711 --duration 30s\n\n\
    Everything after `--` is started as it stands, with beehive's own environment and standard streams. \
    Of a `java` command the agent becomes the first argument; for any other command it goes into \
    JAVA_TOOL_OPTIONS, and each JVM started says so.\n\n\
    Ctrl-C or SIGTERM ends the run and keeps the trace; a second one ends it at once. beehive's exit \
    status is the application's own (128 + signal if one ended it), or 0 if beehive ended the run."
)]
pub struct ProfileArgs {
    /// Trace to write; an existing one is replaced when the new one is complete
    #[arg(short, long, value_name = "FILE", default_value = "app.beetrace")]
    pub output: PathBuf,
    /// End the run after that time, e.g. 60s; with --load it counts from the end of the warm-up
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Attach to this running JVM instead of starting a command
    #[arg(long, value_name = "PID", conflicts_with = "command")]
    pub pid: Option<u32>,
    /// Package that is the application's own wherever its classes come from; may be given several times
    #[arg(long = "app-package", value_name = "PACKAGE")]
    pub app_packages: Vec<String>,
    /// Method to time besides annotated ones: class#name, `*` for any part; may be given several times
    #[arg(long = "root", value_name = "PATTERN", value_parser = root_pattern)]
    pub roots: Vec<String>,
    /// Count every call whatever it costs, instead of estimating those of the most frequent methods
    #[arg(long)]
    pub exact: bool,
    /// Record what sampled requests touch: native calls, objects, locks, connections (slows them down)
    #[arg(long, conflicts_with = "pid")]
    pub deep: bool,
    /// Trace of a light run before: its timed methods are sampled, its classes get probes
    #[arg(long, value_name = "FILE", requires = "deep")]
    pub from: Option<PathBuf>,
    /// Invocations of a root from one sample to the next
    #[arg(long, value_name = "N", requires = "deep", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub every: u32,
    /// Samples of one root after which it is left alone
    #[arg(long, value_name = "N", requires = "deep", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub samples: u32,
    /// Time between two messages of the agent; a killed application loses at most that much
    #[arg(long, value_name = "TIME", value_parser = interval, default_value = "1s")]
    pub interval: Duration,
    /// Load to drive.
    #[command(flatten)]
    pub load: LoadArgs,
    /// The command that starts the application
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "pid")]
    pub command: Vec<OsString>,
}

/// Load to drive.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load")]
pub struct LoadArgs {
    /// File of requests to send (docs/requests-http.md); without it you drive the load yourself
    #[arg(long, value_name = "FILE")]
    pub load: Option<PathBuf>,
    /// Arrival rate, whatever the answers do: 50/s, 3000/min
    #[arg(long, value_name = "RATE", requires = "load", default_value = "50/s", value_parser = rate)]
    pub rate: Rate,
    /// Where the requests go [default: what the file says, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", requires = "load")]
    pub target: Option<String>,
    /// Load before the recorded part; its requests are not counted, nor its calls in a trace
    #[arg(long, value_name = "TIME", requires = "load", value_parser = duration)]
    pub warmup: Option<Duration>,
    /// Seed of the order of requests
    #[arg(long, value_name = "N", requires = "load", default_value_t = 1)]
    pub seed: u64,
}

impl LoadArgs {
    /// The load asked for, if any.
    pub fn spec(&self) -> Option<LoadSpec> {
        self.load.as_ref().map(|file| LoadSpec {
            target: self.target.clone(),
            warmup: self.warmup.unwrap_or_default(),
            seed: self.seed,
            ..LoadSpec::new(file.clone(), self.rate)
        })
    }
}

/// A time with its unit; a bare number is refused because nobody can tell its unit.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim() {
        "ms" => 1e-3,
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("`{text}` needs a unit: ms, s, min or h, e.g. 60s")),
    };
    let number: f64 = number.parse().map_err(|_| format!("`{text}` is no time, e.g. 60s"))?;
    let time = Duration::try_from_secs_f64(number * seconds).map_err(|e| e.to_string())?;
    if time.is_zero() || time > Duration::from_hours(24 * 365) {
        return Err(format!("`{text}` is not between 1 ms and a year"));
    }
    Ok(time)
}

fn interval(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    let is_sane = time >= Duration::from_millis(50) && time <= Duration::from_mins(1);
    is_sane.then_some(time).ok_or_else(|| format!("`{text}` is not between 50ms and 1min"))
}

fn rate(text: &str) -> Result<Rate, String> {
    text.parse().map_err(|e: beehive_record::RecordError| e.to_string())
}

fn root_pattern(text: &str) -> Result<String, String> {
    match text.split_once('#') {
        Some((class, name)) if !class.is_empty() && !name.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is not class#name, e.g. com.acme.Cart#add or *Service#*")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_bounds() {
        assert_eq!(duration("60s"), Ok(Duration::from_mins(1)));
        assert_eq!(duration("1.5 min"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["60", "0s", "-1s", "1.2.3s", "fast", "1e9h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert!(interval("1ms").is_err());
    }

    #[test]
    fn patterns_name_class_and_method() {
        assert!(root_pattern("com.acme.Cart#add").is_ok());
        for wrong in ["com.acme.Cart", "#add", "Cart#"] {
            assert!(root_pattern(wrong).is_err(), "{wrong}");
        }
    }
}
