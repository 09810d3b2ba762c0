//! A small application in the layout of a Boot fat jar: a controller, a service behind a proxy made
//! at run time, a library of which a part is used, and a library that is only loaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use beehive_plan::Plan;

use super::{Jdk, TraceBuilder, below, fat_jar, jar, plan_of};

/// The root of the shop.
pub const ROOT: &str = "shop.Controller#buy(I)Ljava/lang/String;";

const SOURCES: &[(&str, &str)] = &[
    (
        "shop/Controller.java",
        "package shop; public class Controller {
        private final Service service = new Service();
        public String buy(int n) { return service.total(new Order(n)) + new Unloaded().hi(); } }",
    ),
    (
        "shop/Service.java",
        "package shop; import lib.*; public class Service {
        public int total(Order order) { return Tax.on(order.n()) + new Priced().price(); } }",
    ),
    ("shop/Order.java", "package shop; public record Order(int n) { }"),
    (
        "shop/Unloaded.java",
        "package shop; public class Unloaded { public String hi() { return \"hi\"; } }",
    ),
    ("shop/Admin.java", "package shop; public class Admin { public void reset() { } }"),
    ("shop/Made.java", "package shop; public class Made extends Service { }"),
    (
        "lib/Tax.java",
        "package lib; public class Tax { public static int on(int n) { return n / 5; } }",
    ),
    (
        "lib/Base.java",
        "package lib; public abstract class Base implements Cheap { public int price() { return 1; } }",
    ),
    ("lib/Cheap.java", "package lib; public interface Cheap { }"),
    ("lib/Priced.java", "package lib; public class Priced extends Base { }"),
    ("lib/Rare.java", "package lib; public class Rare { }"),
    ("lib/res/Other.java", "package lib.res; public class Other { }"),
    ("web/Server.java", "package web; public class Server { }"),
];

static CLASSES: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();

/// The shop, built in `folder`.
pub struct Shop {
    pub folder: tempfile::TempDir,
    pub classes: BTreeMap<String, Vec<u8>>,
}

impl Shop {
    /// Compiles the classes; `app_jar` lays them out.
    pub fn compile() -> Self {
        let folder = tempfile::Builder::new().prefix("shop äö ").tempdir().unwrap();
        let classes = CLASSES.get_or_init(|| Jdk::any().compile(SOURCES, &[]));
        Self { folder, classes: classes.clone() }
    }

    pub fn library(&self) -> Vec<u8> {
        let mut entries = below(&self.classes, "lib/");
        let manifest = b"Manifest-Version: 1.0\r\nImplementation-Version: 1.0\r\n\r\n\
            Name: lib/Tax.class\r\nSHA-256-Digest: xyz\r\n\r\n";
        entries.push(("META-INF/MANIFEST.MF", manifest));
        entries.push(("META-INF/ACME.SF", b"Signature-Version: 1.0"));
        entries.push(("META-INF/ACME.RSA", b"not really"));
        entries.push(("META-INF/services/lib.Cheap", b"lib.Priced\n"));
        entries.push(("META-INF/maven/pom.xml", b"<project/>"));
        entries.push(("lib/rates.properties", b"vat=19"));
        entries.push(("lib/res/big.bin", b"0123456789"));
        jar(&entries)
    }

    /// `app.jar` with nested jars.
    pub fn app_jar(&self) -> PathBuf {
        let (library, web) = (self.library(), jar(&below(&self.classes, "web/")));
        let own: Vec<(String, &[u8])> = below(&self.classes, "shop/")
            .into_iter()
            .filter(|(path, _)| !path.ends_with("Made.class"))
            .map(|(path, bytes)| (format!("BOOT-INF/classes/{path}"), bytes))
            .collect();
        let mut entries: Vec<(&str, &[u8])> = vec![
            ("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\nMain-Class: x.Launcher\r\n"),
            ("BOOT-INF/", b""),
            ("BOOT-INF/classes/", b""),
            ("BOOT-INF/classes/application.properties", b"password=secret"),
        ];
        entries.extend(own.iter().map(|(path, bytes)| (path.as_str(), *bytes)));
        entries.push(("BOOT-INF/lib/", b""));
        entries.push(("BOOT-INF/lib/web-2.0.jar", &web));
        entries.push(("BOOT-INF/lib/lib-1.0.jar", &library));
        let path = self.folder.path().join("app.jar");
        std::fs::write(&path, fat_jar(&entries)).unwrap();
        path
    }

    /// What the agent would have recorded, with the URLs that `url` gives for the shop's classes, for
    /// `lib-1.0.jar` and for `web-2.0.jar`.
    pub fn trace(&self, url: impl Fn(&str) -> String, class_path: &[&Path]) -> TraceBuilder {
        let mut t = TraceBuilder::on("17.0.15+6-Test").class_path(class_path);
        let (own, lib, web) = (url("classes"), url("lib-1.0.jar"), url("web-2.0.jar"));
        t.jdk_class("java.lang.Object");
        t.jdk_class("java.lang.Record");
        let controller = t.class("shop.Controller", &own);
        let service = t.class("shop.Service", &own);
        let order = t.class("shop.Order", &own);
        let admin = t.class("shop.Admin", &own);
        t.made_class("shop.Made", "shop.Service", Some(&self.classes["shop/Made.class"]));
        for name in ["lib.Tax", "lib.Base", "lib.Cheap", "lib.Priced", "lib.Rare"] {
            t.class(name, &lib);
        }
        t.class("web.Server", &web);
        let buy = t.method(controller, "buy", "(I)Ljava/lang/String;");
        let total = t.method(service, "total", "(Lshop/Order;)I");
        let reset = t.method(admin, "reset", "()V");
        t.call(None, buy);
        t.call(Some(buy), total);
        t.call(None, reset);
        t.first_use(order, buy);
        t
    }

    /// The trace with the URLs of a current Boot loader.
    pub fn boot_trace(&self) -> TraceBuilder {
        let app = self.app_jar();
        let path = app.display().to_string();
        let url = |part: &str| match part {
            "classes" => format!("jar:nested:{path}/!BOOT-INF/classes/!/"),
            jar => format!("jar:nested:{path}/!BOOT-INF/lib/{jar}!/"),
        };
        self.trace(url, &[&app])
    }
}

/// A plan that offloads [`ROOT`].
pub fn plan() -> Plan {
    plan_of(&[ROOT])
}
