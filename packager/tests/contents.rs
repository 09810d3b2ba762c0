//! What a bundle holds: the classes that roots reach, from every layout a JVM loads classes from.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod support;

use std::path::Path;

use beehive_classfile::ClassView;
use beehive_packager::{PackageError, Target, make_bundle};
use beehive_trace::Origin;
use support::shop::{ROOT, Shop, plan};
use support::{Jdk, TraceBuilder, below, classes_by_jar, jar, plan_of};

const EXPECTED: &[(&str, &[&str])] = &[
    ("lib/00-app-classes.jar", &["shop.Controller", "shop.Order", "shop.Service"]),
    ("lib/01-lib-1.0.jar", &["lib.Base", "lib.Cheap", "lib.Priced", "lib.Tax"]),
    ("lib/02-generated.jar", &["shop.Made"]),
];

fn assert_expected(listing: &beehive_packager::Listing) {
    let found = classes_by_jar(listing);
    let found: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|(jar, names)| (jar.as_str(), names.iter().map(String::as_str).collect()))
        .collect();
    let expected: Vec<(&str, Vec<&str>)> =
        EXPECTED.iter().map(|(jar, names)| (*jar, names.to_vec())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_boot_jar_gives_what_the_root_reaches_and_nothing_else() {
    let shop = Shop::compile();
    let bundle = make_bundle(&plan(), &shop.boot_trace().trace, Target::Local).unwrap();
    let listing = &bundle.listing;
    assert_expected(listing);
    assert_eq!(listing.classes, 8);
    assert_eq!(listing.jdk_build, "17.0.15+6-Test");
    assert_eq!(listing.roots[0].methods_reached, 2);
    assert_eq!(listing.roots[0].classes, 8);
    assert!(listing.missing_supertypes.is_empty(), "{:?}", listing.missing_supertypes);
    assert_eq!(listing.bytes, bundle.files.values().map(|b| b.len() as u64).sum::<u64>());
}

#[test]
fn older_boot_loaders_and_exploded_wars_are_the_same_application() {
    let shop = Shop::compile();
    let app = shop.app_jar().display().to_string();
    let old = |part: &str| match part {
        "classes" => format!("jar:file:{app}!/BOOT-INF/classes!/"),
        jar => format!("jar:file:{app}!/BOOT-INF/lib/{jar}!/"),
    };
    let trace = shop.trace(old, &[Path::new(&app)]).trace;
    assert_expected(&make_bundle(&plan(), &trace, Target::Local).unwrap().listing);

    let root = shop.folder.path().join("war");
    let (classes, libs) = (root.join("WEB-INF/classes"), root.join("WEB-INF/lib"));
    for (path, bytes) in below(&shop.classes, "shop/") {
        let file = classes.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    std::fs::create_dir_all(&libs).unwrap();
    std::fs::write(libs.join("lib-1.0.jar"), shop.library()).unwrap();
    let encoded = |path: &Path| {
        path.display().to_string().replace(' ', "%20").replace('ä', "%C3%A4").replace('ö', "%C3%B6")
    };
    let exploded = |part: &str| match part {
        "classes" => format!("file:{}/", encoded(&classes)),
        jar => format!("file:{}", encoded(&libs.join(jar))),
    };
    let trace = shop.trace(exploded, &[&classes, &libs.join("lib-1.0.jar")]).trace;
    assert_expected(&make_bundle(&plan(), &trace, Target::Local).unwrap().listing);
}

#[test]
fn jars_keep_the_order_of_the_class_path() {
    let shop = Shop::compile();
    let folder = shop.folder.path();
    let library = folder.join("zz.jar");
    let own = folder.join("aa.jar");
    std::fs::write(&library, shop.library()).unwrap();
    std::fs::write(&own, jar(&below(&shop.classes, "shop/"))).unwrap();
    let url = |part: &str| match part {
        "classes" => format!("file:{}", own.display()),
        _ => format!("file:{}", library.display()),
    };
    let names = |class_path: &[&Path]| {
        let trace = shop.trace(url, class_path).trace;
        let listing = make_bundle(&plan(), &trace, Target::Local).unwrap().listing;
        listing.jars.into_iter().map(|jar| jar.path).collect::<Vec<_>>()
    };
    assert_eq!(names(&[&own, &library])[..2], ["lib/00-aa.jar", "lib/01-zz.jar"]);
    assert_eq!(names(&[&library, &own])[..2], ["lib/00-zz.jar", "lib/01-aa.jar"]);
    let relative = [Path::new("./zz.jar"), Path::new("aa.jar")];
    assert_eq!(names(&relative)[..2], ["lib/00-zz.jar", "lib/01-aa.jar"]);
}

#[test]
fn jars_named_by_a_class_path_attribute_follow_their_jar() {
    let shop = Shop::compile();
    let folder = shop.folder.path();
    let main = folder.join("main.jar");
    let mut entries = below(&shop.classes, "shop/");
    entries.push(("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\nClass-Path: aa.jar\r\n"));
    std::fs::write(&main, jar(&entries)).unwrap();
    std::fs::write(folder.join("aa.jar"), shop.library()).unwrap();
    let url = |part: &str| match part {
        "classes" => format!("file:{}", main.display()),
        _ => format!("file:{}", folder.join("aa.jar").display()),
    };
    let trace = shop.trace(url, &[&main]).trace;
    let bundle = make_bundle(&plan(), &trace, Target::Local).unwrap();
    let paths: Vec<_> = bundle.listing.jars.iter().map(|jar| jar.path.as_str()).collect();
    assert_eq!(paths, ["lib/00-main.jar", "lib/01-aa.jar", "lib/02-generated.jar"]);
}

#[test]
fn resources_beside_shipped_classes_travel_and_the_rest_is_counted() {
    let shop = Shop::compile();
    let listing = make_bundle(&plan(), &shop.boot_trace().trace, Target::Local).unwrap().listing;
    let (own, library) = (&listing.jars[0], &listing.jars[1]);
    let names = |jar: &beehive_packager::ListedJar| {
        jar.resources.iter().map(|file| file.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(library), ["META-INF/services/lib.Cheap", "lib/rates.properties"]);
    assert!(names(own).is_empty(), "configuration at the root stays at home");
    assert!(library.was_signed && !own.was_signed);
    let counted = |reason: &str| listing.left_out.get(reason).map_or(0, |counted| counted.files);
    assert_eq!(counted("resource.root"), 1);
    assert_eq!(counted("resource.signature"), 2);
    assert_eq!(counted("resource.meta_inf"), 1);
    assert_eq!(counted("resource.other_package"), 1);
    // Admin, Unloaded; lib.Rare, lib.res.Other.
    assert_eq!(counted("class.not_reached"), 4);
    assert_eq!(listing.left_out["resource.other_package"].bytes, Some(10));
}

#[test]
fn multi_release_jars_give_the_class_of_the_recorded_jdk() {
    let jdk = Jdk::any();
    let compile = |text: &str| {
        let source =
            format!("package m; public class M {{ public String v() {{ return \"{text}\"; }} }}");
        jdk.compile(&[("m/M.java", &source)], &[]).remove("m/M.class").unwrap()
    };
    let (base, nine, seventeen, future) =
        (compile("8"), compile("9"), compile("17"), compile("99"));
    let manifest: &[u8] = b"Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n";
    let versions: Vec<(&str, &[u8])> = vec![
        ("META-INF/versions/17/m/M.class", &seventeen),
        ("m/M.class", &base),
        ("META-INF/versions/9/m/M.class", &nine),
        ("META-INF/versions/99/m/M.class", &future),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mr.jar");
    let shipped = |manifest: &[u8], build: &str| {
        let mut entries = vec![("META-INF/MANIFEST.MF", manifest)];
        entries.extend(versions.iter().copied());
        std::fs::write(&path, jar(&entries)).unwrap();
        let mut t = TraceBuilder::on(build);
        let class = t.class("m.M", &format!("file:{}", path.display()));
        t.method(class, "v", "()Ljava/lang/String;");
        let plan = plan_of(&["m.M#v()Ljava/lang/String;"]);
        let bundle = make_bundle(&plan, &t.trace, Target::Local).unwrap();
        let archive = std::io::Cursor::new(bundle.files["lib/00-mr.jar"].clone());
        let mut archive = zip::ZipArchive::new(archive).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_name("m/M.class").unwrap(), &mut bytes).unwrap();
        assert_eq!(archive.len(), 2, "one class, one manifest");
        // It is rewritten, but has the texts of its constants still.
        let view = ClassView::parse(&bytes).unwrap();
        let texts = (1..view.pool().count()).filter_map(|index| view.pool().string(index));
        texts.map(|text| text.to_string()).collect::<String>()
    };
    assert_eq!(shipped(manifest, "17.0.1+1"), "17");
    assert_eq!(shipped(manifest, "25+36-LTS"), "17");
    assert_eq!(shipped(manifest, "11.0.2+9"), "9");
    assert_eq!(shipped(b"Manifest-Version: 1.0\r\n\r\n", "17.0.1+1"), "8");
}

#[test]
fn the_first_of_two_equal_names_wins() {
    let shop = Shop::compile();
    let mut t = shop.boot_trace();
    let copy = shop.folder.path().join("copy.jar");
    std::fs::write(&copy, jar(&below(&shop.classes, "lib/"))).unwrap();
    t.class("lib.Tax", &format!("file:{}", copy.display()));
    let listing = make_bundle(&plan(), &t.trace, Target::Local).unwrap().listing;
    assert_expected(&listing);
    assert_eq!(listing.left_out["class.shadowed"].files, 1);
}

#[test]
fn classes_made_at_run_time_without_bytes_are_named_and_not_guessed() {
    let shop = Shop::compile();
    let mut t = shop.boot_trace();
    t.trace.generated.clear();
    let listing = make_bundle(&plan(), &t.trace, Target::Local).unwrap().listing;
    assert_eq!(listing.without_bytes, ["shop.Made"]);
    assert_eq!(listing.left_out["class.no_bytes"].files, 1);
    assert_eq!(listing.classes, 7);

    let root = t.trace.classes.iter().position(|c| c.name == "shop.Made").unwrap() as u32;
    t.method(root, "total", "(Lshop/Order;)I");
    let error = make_bundle(&plan_of(&["shop.Made#total(Lshop/Order;)I"]), &t.trace, Target::Local);
    assert!(matches!(error, Err(PackageError::RootWithoutClass { .. })), "{error:?}");
}

/// Its generator is not known by name, but its name is that of a class nested in one that is there, or follows it.
#[test]
fn a_class_that_is_only_named_after_another_was_made_at_run_time() {
    for name in ["shop.Service$Accessor", "shop.Service_Accessor_x1"] {
        assert_named_as_made(name);
    }
}

fn assert_named_as_made(name: &str) {
    let shop = Shop::compile();
    let mut t = shop.boot_trace();
    let service = t.trace.classes.iter().find(|c| c.name == "shop.Service").unwrap();
    let source = service.source.clone();
    let made = t.class(name, &source);
    let get = t.method(made, "get", "()I");
    let buy = t.trace.methods.iter().position(|m| m.name == "buy").unwrap() as u32;
    t.call(Some(buy), get);
    let listing = make_bundle(&plan(), &t.trace, Target::Local).unwrap().listing;
    assert_eq!(listing.without_bytes, [name]);
}

/// Its name is like no other, but all else of that library is there.
#[test]
fn a_class_that_a_library_claims_was_made_at_run_time() {
    let shop = Shop::compile();
    let mut t = shop.boot_trace();
    let library = t.trace.classes.iter().find(|c| c.name == "lib.Priced").unwrap();
    let source = library.source.clone();
    let row = t.class("lib.OWG7Order", &source);
    t.trace.classes[row as usize].origin = Origin::Framework;
    let write = t.method(row, "write", "()I");
    let buy = t.trace.methods.iter().position(|m| m.name == "buy").unwrap() as u32;
    t.call(Some(buy), write);
    let listing = make_bundle(&plan(), &t.trace, Target::Local).unwrap().listing;
    assert_eq!(listing.without_bytes, ["lib.OWG7Order"]);
}

#[test]
fn supertypes_travel_even_if_the_trace_lost_them() {
    let shop = Shop::compile();
    let mut t = shop.boot_trace();
    t.trace
        .classes
        .iter_mut()
        .filter(|c| c.name == "lib.Base")
        .for_each(|c| c.name = "lib.Gone".into());
    let listing = make_bundle(&plan(), &t.trace, Target::Local).unwrap().listing;
    assert_expected(&listing);
}

#[test]
fn two_roots_share_one_bundle() {
    let shop = Shop::compile();
    let plan = plan_of(&["shop.Admin#reset()V", ROOT]);
    let listing = make_bundle(&plan, &shop.boot_trace().trace, Target::Local).unwrap().listing;
    assert_eq!(listing.classes, 9);
    let reached: Vec<(&str, u64)> =
        listing.roots.iter().map(|root| (root.method.as_str(), root.classes)).collect();
    assert_eq!(reached, [("shop.Admin#reset()V", 1), (ROOT, 8)]);
}
