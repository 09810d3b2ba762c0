//! How a class came about, as far as its names tell. Proxies and other classes made at run time get no
//! probes: the calls through them are edges between the methods around them all the same.

use beehive_trace::ClassKind;

/// Marks that makers of subclasses leave in the names of their classes: Spring's and plain CGLIB,
/// Byte Buddy, Hibernate, Javassist, Mockito.
const SUBCLASS_MARKS: &[&str] = &[
    "$$SpringCGLIB$$",
    "$$EnhancerBy",
    "$$FastClassBy",
    "$$EnhancedBy",
    "$ByteBuddy$",
    "$HibernateProxy",
    "$HibernateAccessOptimizer",
    "$HibernateBasicProxy",
    "$HibernateInstantiator",
    "_$$_jvst",
    "_$$_javassist",
    "$MockitoMock$",
    "$MockitoProxy$",
];

/// Marks of Spring Data's accessors, which claim to come from where their entity does; a number in base 36
/// follows.
const NUMBERED_MARKS: &[&str] = &["_Accessor_", "_Instantiator_"];

fn is_numbered(name: &str) -> bool {
    let number = NUMBERED_MARKS.iter().find_map(|mark| name.rsplit_once(mark));
    number.is_some_and(|(_, rest)| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
    })
}

/// Kind of a class by its internal or dotted name, its superclass and whether anything says where its
/// class file came from.
pub(crate) fn class_kind(name: &str, super_name: &str, has_source: bool) -> ClassKind {
    let is_proxy = super_name.ends_with("Proxy")
        && matches!(super_name, "java/lang/reflect/Proxy" | "java.lang.reflect.Proxy");
    if is_proxy {
        ClassKind::JdkProxy
    } else if SUBCLASS_MARKS.iter().any(|mark| name.contains(mark)) || is_numbered(name) {
        ClassKind::Subclass
    } else if has_source {
        ClassKind::Ordinary
    } else {
        ClassKind::Generated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_are_known_by_their_marks() {
        let kind = |name, super_name| class_kind(name, super_name, true);
        let proxy = "java/lang/reflect/Proxy";
        assert_eq!(kind("jdk/proxy2/$Proxy55", proxy), ClassKind::JdkProxy);
        assert_eq!(kind("com/acme/Shop$$SpringCGLIB$$0", "com/acme/Shop"), ClassKind::Subclass);
        assert_eq!(kind("com/acme/Shop$HibernateProxy$x1", "com/acme/Shop"), ClassKind::Subclass);
        let instantiator = kind("com/acme/Shop$HibernateInstantiator$x1", "java/lang/Object");
        assert_eq!(instantiator, ClassKind::Subclass);
        let object = "java/lang/Object";
        assert_eq!(kind("com/acme/Bell__Accessor_g5t3sc", object), ClassKind::Subclass);
        assert_eq!(kind("com/acme/Bell_Instantiator_7q", object), ClassKind::Subclass);
        assert_eq!(kind("com/acme/Bell_Accessor_Part", object), ClassKind::Ordinary);
        assert_eq!(kind("com/acme/Proxy", "com/acme/Base"), ClassKind::Ordinary);
        assert_eq!(kind("com/acme/Shop$Cart", "java/lang/Object"), ClassKind::Ordinary);
        assert_eq!(class_kind("Script1", "groovy/lang/Script", false), ClassKind::Generated);
    }
}
