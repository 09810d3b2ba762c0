//! Lines between the server's runtime and this process: `word key=value …`, values percent-encoded.
//! Pure. A line that is not understood is ignored by both sides, so that either may be newer.

use std::collections::BTreeMap;

use beehive_measured::ServerMeasured;
use percent_encoding::percent_decode_str;

/// What the server's runtime says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    /// Workers may connect.
    Ready(Ready),
    /// The runtime does nothing in this JVM; the application runs on without it.
    Disabled { code: String, text: String },
    /// The worker with this number was admitted; 0 for one without.
    WorkerJoined { number: u64 },
    /// A connection was lost or refused; 0 if it is not known whose.
    WorkerLost { number: u64, code: String, text: String },
    /// An invocation of this root could not travel and ran in the server.
    Stayed { root: String, code: String, text: String },
    /// Counts so far.
    Stats(Stats),
    /// A jar of the class files that workers have asked for is written.
    Classes { path: String },
    /// Something a person must see.
    Warning { text: String },
    /// Everything counted since the start.
    Measured(Box<ServerMeasured>),
}

/// The runtime's first line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    /// Port of the loopback interface at which workers are awaited.
    pub(crate) port: u16,
    /// The secret of the run.
    pub(crate) secret: String,
    /// `java.home` of the server.
    pub(crate) java_home: String,
    /// `java.vm.version` of the server.
    pub(crate) jdk_build: String,
}

/// Counts of one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stats {
    /// Workers connected.
    pub(crate) workers: u64,
    /// Of these, idle.
    pub(crate) idle: u64,
    /// Invocations that ended in the server.
    pub(crate) local: u64,
    /// Invocations that ended on a worker.
    pub(crate) offloaded: u64,
    /// Different class files that workers have asked for.
    pub(crate) asked: u64,
}

/// Reads one line; `None` if it is of no known kind or lacks what its kind needs.
pub(crate) fn parse(line: &str) -> Option<Message> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    if word == "measured" {
        return serde_json::from_str(rest).ok().map(|m| Message::Measured(Box::new(m)));
    }
    let fields = Fields::of(rest);
    match word {
        "ready" => Some(Message::Ready(Ready {
            port: fields.text("port").parse().ok()?,
            secret: fields.text("secret"),
            java_home: fields.text("java_home"),
            jdk_build: fields.text("jdk_build"),
        })),
        "disabled" => {
            Some(Message::Disabled { code: fields.text("code"), text: fields.text("text") })
        }
        "worker" if rest.starts_with("lost ") => Some(Message::WorkerLost {
            number: fields.number("number").unwrap_or_default(),
            code: fields.text("code"),
            text: fields.text("text"),
        }),
        "stayed" => Some(Message::Stayed {
            root: fields.text("root"),
            code: fields.text("code"),
            text: fields.text("text"),
        }),
        "worker" => Some(Message::WorkerJoined { number: fields.number("number")? }),
        "stats" => Some(Message::Stats(Stats {
            workers: fields.number("workers")?,
            idle: fields.number("idle")?,
            local: fields.number("local").unwrap_or_default(),
            offloaded: fields.number("offloaded").unwrap_or_default(),
            asked: fields.number("asked").unwrap_or_default(),
        })),
        "classes" => Some(Message::Classes { path: fields.text("path") }),
        "warning" => Some(Message::Warning { text: fields.text("text") }),
        _ => None,
    }
}

struct Fields<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Fields<'a> {
    fn of(text: &'a str) -> Self {
        Self(text.split(' ').filter_map(|field| field.split_once('=')).collect())
    }

    fn text(&self, key: &str) -> String {
        let value = self.0.get(key).copied().unwrap_or_default();
        percent_decode_str(value).decode_utf8_lossy().into_owned()
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.0.get(key)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_read() {
        let ready = parse("ready port=4711 secret=ab java_home=/opt/my%20jdk jdk_build=17.0.15+6");
        let Some(Message::Ready(ready)) = ready else { panic!("{ready:?}") };
        assert_eq!((ready.port, ready.java_home.as_str()), (4711, "/opt/my jdk"));
        let (code, text) = ("LINK_TIME_OUT".to_owned(), "nothing came".to_owned());
        assert_eq!(
            parse("worker lost number=7 code=LINK_TIME_OUT text=nothing%20came"),
            Some(Message::WorkerLost { number: 7, code, text })
        );
        let (root, code, text) = ("a.B#c()V".to_owned(), "OFFLOAD_RACE".to_owned(), "a".to_owned());
        assert_eq!(
            parse("stayed root=a.B%23c%28%29V code=OFFLOAD_RACE text=a"),
            Some(Message::Stayed { root, code, text })
        );
        assert_eq!(parse("worker joined number=3"), Some(Message::WorkerJoined { number: 3 }));
        let Some(Message::Stats(stats)) =
            parse("stats workers=2 idle=1 local=5 offloaded=7 asked=9")
        else {
            panic!("no stats")
        };
        assert_eq!((stats.idle, stats.offloaded, stats.asked), (1, 7, 9));
        let written = parse("classes path=/run/a%20b.jar");
        assert_eq!(written, Some(Message::Classes { path: "/run/a b.jar".into() }));
        let measured = parse(r#"measured {"roots":[{"method":"a.B#c()V"}]}"#);
        assert!(matches!(measured, Some(Message::Measured(m)) if m.roots.len() == 1));
    }

    #[test]
    fn what_is_not_understood_is_no_message() {
        for line in ["", "hello", "ready", "ready port=70000", "stats idle=1", "worker joined"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
