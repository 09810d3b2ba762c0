//! The image reader on every JDK found: look-ups agree with the listing, and what is wrong
//! with a file is said.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these are tests")]

mod support;

use std::collections::BTreeSet;
use std::process::Command;

use beehive_classfile::{ClassFileError, ClassView, JImage};
use support::jdks;

#[test]
fn each_class_is_found_by_name_and_says_the_same_name_itself() {
    for jdk in jdks::all() {
        let image = JImage::open_jdk(&jdk.home).unwrap();
        let mut modules = BTreeSet::new();
        let mut bytes = Vec::new();
        for class in image.classes() {
            let name = class.class_name();
            assert_eq!(image.find_class(class.module(), &name), Some(class), "{name}");
            image.read(class, &mut bytes).unwrap();
            assert_eq!(ClassView::parse(&bytes).unwrap().name(), name.as_str());
            modules.insert(class.module());
        }
        println!("JDK {}: {} modules", jdk.feature, modules.len());
        assert!(modules.len() > 30 && modules.contains("jdk.net"), "{modules:?}");
    }
}

#[test]
fn a_class_is_found_without_its_module_and_strangers_are_not() {
    for jdk in jdks::all() {
        let image = JImage::open_jdk(&jdk.home).unwrap();
        assert_eq!(image.module_of_package("java/sql").as_deref(), Some("java.sql"));
        let class = image.find_class_anywhere("java/util/logging/Logger").unwrap();
        assert_eq!(class.module(), "java.logging");
        assert_eq!(image.find_class("java.base", "java/util/logging/Logger"), None);
        assert_eq!(image.find_class_anywhere("com/example/Stranger"), None);
        assert_eq!(image.find_class_anywhere("NoPackage"), None);
    }
}

#[test]
fn an_image_compressed_by_jlink_reads_the_same_classes() {
    // Any JDK that can link: some come without what jlink needs.
    let folder = tempfile::tempdir().unwrap();
    let mut said = String::new();
    let linked = jdks::all().into_iter().find(|jdk| {
        let out = folder.path().join(jdk.feature.to_string());
        let level = if jdk.feature >= 21 { "zip-6" } else { "2" };
        let mut jlink = Command::new(jdk.tool("jlink"));
        jlink.args(["--add-modules", "java.base", "--compress", level, "--output"]).arg(&out);
        let output = jlink.output().expect("jlink starts");
        said += &String::from_utf8_lossy(&output.stdout);
        said += &String::from_utf8_lossy(&output.stderr);
        output.status.success()
    });
    let jdk = linked.unwrap_or_else(|| panic!("no JDK links an image: {said}"));
    let packed = JImage::open_jdk(&folder.path().join(jdk.feature.to_string())).unwrap();
    let stored = std::fs::metadata(packed.path()).unwrap().len();
    assert!(stored < packed.classes().map(|class| class.size()).sum(), "it is compressed");
    let (mut count, mut bytes) = (0, Vec::new());
    for class in packed.classes() {
        packed.read(class, &mut bytes).unwrap();
        assert_eq!(ClassView::parse(&bytes).unwrap().name(), class.class_name().as_str());
        count += 1;
    }
    assert!(count > 6_000, "{count} classes");
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("modules");
    let open = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        JImage::open(&path).unwrap_err()
    };
    assert!(matches!(open(b"short"), ClassFileError::Io { .. }));
    let mut header = [0; 28];
    assert!(matches!(open(&header), ClassFileError::BadImage { what: "magic", .. }));
    header[..4].copy_from_slice(&0xcafe_dada_u32.to_le_bytes());
    assert!(matches!(open(&header), ClassFileError::BadImage { what: "version", .. }));
    header[4..8].copy_from_slice(&(1_u32 << 16).to_le_bytes());
    header[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(open(&header), ClassFileError::BadImage { what: "size of the index", .. }));
    header[16..20].copy_from_slice(&4_u32.to_le_bytes());
    assert!(matches!(open(&header), ClassFileError::BadImage { what: "length of the index", .. }));
    let missing = JImage::open(&folder.path().join("nothing")).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read"), "{missing}");
}
