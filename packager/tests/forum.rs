//! The forum fixture, really started: what its JVM says it loaded becomes the trace, the topic page
//! becomes the root, and every class of the bundle must link in a JVM that has nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use beehive_packager::{Target, make_bundle, write_bundle};
use beehive_trace::{Class, ClassKind, Origin, SplitRule};
use support::{Jdk, TraceBuilder, jar, plan_of};

const ROOT: &str = "dev.beehive.forum.topic.TopicController#topic(JI)Ljava/lang/String;";

/// Links every class of the jars given; says which classes were not found on the way.
const LINKER: &str = "import java.util.jar.*;
public class Linker { public static void main(String[] jars) throws Exception {
    int linked = 0;
    for (String jar : jars) try (JarFile file = new JarFile(jar)) {
        for (JarEntry entry : java.util.Collections.list(file.entries())) {
            if (!entry.getName().endsWith(\".class\")) continue;
            String name = entry.getName().replace('/', '.').substring(0, entry.getName().length() - 6);
            Class<?> type = Class.forName(name, false, Linker.class.getClassLoader());
            try { type.getDeclaredConstructors(); linked++; }
            catch (NoClassDefFoundError e) { System.out.println(\"missing \" + e.getMessage().replace('/', '.')); }
        }
    }
    System.out.println(\"linked \" + linked);
} }";

struct Forum {
    process: Child,
    log: PathBuf,
}

impl Drop for Forum {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Forum {
    /// Starts the forum on a free port and asks for pages; its class-load log is then complete.
    fn record(jdk: &Jdk, folder: &Path) -> Vec<(String, String)> {
        let log = folder.join("classes.log");
        let mut process = Command::new(jdk.home.join("bin/java"))
            .current_dir(folder)
            .arg(format!("-Xlog:class+load=info:file={}:none", log.display()))
            .arg("-jar")
            .arg(forum_jar())
            .args(["--server.port=0", "--spring.main.banner-mode=off"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let forum = Self { process, log };
        let mut lines = output.lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, rest) = line.split_once("Tomcat started on port ")?;
            rest.split(' ').next()?.parse::<u16>().ok()
        });
        let port = port.expect("the forum starts");
        lines.find(|line| line.contains("Started ForumApplication")).expect("the forum is ready");
        // The topics are sown after the forum says it has started.
        let page = (0..100).map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            get(port, "/topics/1")
        });
        let answers: Vec<String> = page.take_while(|a| !a.starts_with("HTTP/1.1 200")).collect();
        assert!(answers.len() < 100, "no topic page: {}", answers[99]);
        let text = std::fs::read_to_string(&forum.log).unwrap();
        let rows = text.lines().filter_map(|line| line.split_once(" source: "));
        rows.map(|(name, source)| (name.to_owned(), source.to_owned())).collect()
    }
}

fn forum_jar() -> PathBuf {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/apps/forum/target/forum.jar");
    path.canonicalize().expect("fixtures/apps/forum/target/forum.jar; `cargo xtask test` builds it")
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The trace that these classes make, with the root and what it calls.
fn trace_of(jdk: &Jdk, loaded: &[(String, String)]) -> TraceBuilder {
    let mut t = TraceBuilder::on(&format!("{}.0.1+1", jdk.feature)).class_path(&[&forum_jar()]);
    let mut rows = BTreeMap::new();
    for (name, source) in loaded.iter().filter(|(name, _)| !name.contains("Lambda")) {
        let (source, kind) = match source.as_str() {
            s if s.starts_with("jrt:") || s == "shared objects file" => {
                (String::new(), ClassKind::Ordinary)
            }
            s if s.starts_with("__") => (String::new(), ClassKind::Subclass),
            s => (s.to_owned(), ClassKind::Ordinary),
        };
        let mut class = Class { name: name.clone(), source, kind, ..Class::default() };
        class.origin = SplitRule::default().origin(&class.name, &class.source);
        if kind == ClassKind::Subclass {
            name.split("$$").next().unwrap_or_default().clone_into(&mut class.super_name);
        }
        rows.entry(name.clone()).or_insert_with(|| t.row(class));
    }
    let root = rows["dev.beehive.forum.topic.TopicController"];
    let root = t.method(root, "topic", "(JI)Ljava/lang/String;");
    t.call(None, root);
    t
}

#[test]
fn the_topic_page_of_a_running_forum_links_from_its_bundle_alone() {
    for jdk in Jdk::all() {
        let folder = tempfile::tempdir().unwrap();
        let loaded = Forum::record(&jdk, folder.path());
        let t = trace_of(&jdk, &loaded);
        let bundle = make_bundle(&plan_of(&[ROOT]), &t.trace, Target::Local).unwrap();
        let listing = &bundle.listing;
        let names: BTreeSet<&str> = listing
            .jars
            .iter()
            .flat_map(|jar| &jar.classes)
            .map(|class| class.name.as_str())
            .collect();
        for part in ["TopicController", "TopicReader", "TopicStore", "TopicPage", "TopicView"] {
            assert!(names.contains(format!("dev.beehive.forum.topic.{part}").as_str()), "{part}");
        }
        assert!(!names.contains("dev.beehive.forum.captcha.CaptchaPainter"));
        assert!(listing.missing_supertypes.is_empty(), "{:?}", listing.missing_supertypes);
        let written = write_bundle(&bundle, &t.trace, &folder.path().join("bundle")).unwrap();
        assert!(written.verified.missing_supertypes.is_empty());
        check_links(&jdk, folder.path(), &t, listing);
        let application =
            t.trace.classes.iter().filter(|class| class.origin != Origin::Jdk).count();
        println!(
            "JDK {}: {} of {application} application classes in {} jars, {} bytes, archive {} bytes",
            jdk.feature,
            listing.classes,
            listing.jars.len(),
            listing.bytes,
            written.archive_bytes,
        );
    }
}

/// Links all classes of the bundle; only classes that the forum itself never loaded may be missing.
fn check_links(jdk: &Jdk, folder: &Path, t: &TraceBuilder, listing: &beehive_packager::Listing) {
    let linker = jdk.compile(&[("Linker.java", LINKER)], &[]);
    let linker_jar = folder.join("linker.jar");
    std::fs::write(&linker_jar, jar(&support::below(&linker, ""))).unwrap();
    let jars: Vec<PathBuf> =
        listing.jars.iter().map(|jar| folder.join("bundle").join(&jar.path)).collect();
    let shown: Vec<String> = jars.iter().map(|jar| jar.display().to_string()).collect();
    let mut arguments = vec!["Linker"];
    arguments.extend(shown.iter().map(String::as_str));
    let class_path: Vec<PathBuf> = jars.iter().cloned().chain([linker_jar]).collect();
    let said = jdk.java(&class_path, &arguments);
    let recorded: BTreeSet<&str> =
        t.trace.classes.iter().map(|class| class.name.as_str()).collect();
    for missing in said.lines().filter_map(|line| line.strip_prefix("missing ")) {
        assert!(!recorded.contains(missing), "{missing} was loaded but not shipped");
    }
    let linked: u64 =
        said.lines().find_map(|line| line.strip_prefix("linked ")?.parse().ok()).unwrap();
    assert!(linked * 100 >= listing.classes * 95, "{linked} of {} linked", listing.classes);
}
