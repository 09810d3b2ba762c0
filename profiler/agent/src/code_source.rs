//! Code sources of classes, by protection domain. Asking the JVM runs Java code, so each domain is
//! asked once; a class that is loaded by that very asking stays without a source if its own domain is
//! not known yet.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use beehive_jvm::{Jni, JvmError, Jvmti, Method, Object, WeakRef};

use crate::agent::lock;

/// What is known of where a class came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CodeSource {
    /// The URL; empty if the definer gave none.
    Known(Arc<str>),
    /// It could not be asked for.
    Unknown,
}

thread_local! {
    /// Whether this thread is asking: a class loaded meanwhile must not ask again.
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// A protection domain and its URL.
type KnownDomain = (WeakRef, Arc<str>);

/// Sources by protection domain. Domains are held weakly, by identity hash.
#[derive(Debug)]
pub(crate) struct CodeSources {
    known: Mutex<HashMap<i32, Vec<KnownDomain>>>,
    get_code_source: Method,
    get_location: Method,
    url_to_string: Method,
    get_protection_domain: Method,
}

impl CodeSources {
    pub(crate) fn new(jni: &Jni<'_>) -> Result<Self, JvmError> {
        let method = |class, name, descriptor| {
            jni.find_class(class).and_then(|class| jni.method(class, name, descriptor))
        };
        let domain = "()Ljava/security/ProtectionDomain;";
        let source = "()Ljava/security/CodeSource;";
        Ok(Self {
            known: Mutex::default(),
            get_code_source: method("java/security/ProtectionDomain", "getCodeSource", source)?,
            get_location: method("java/security/CodeSource", "getLocation", "()Ljava/net/URL;")?,
            url_to_string: method("java/net/URL", "toString", "()Ljava/lang/String;")?,
            get_protection_domain: method("java/lang/Class", "getProtectionDomain", domain)?,
        })
    }

    /// Source of a loaded class.
    pub(crate) fn of_class(&self, jni: &Jni<'_>, jvmti: Jvmti, class: Object<'_>) -> CodeSource {
        match jni.call_object(class, &self.get_protection_domain, &[]) {
            Ok(domain) => self.of_domain(jni, jvmti, domain),
            Err(_) => CodeSource::Unknown,
        }
    }

    /// Source that a protection domain stands for.
    pub(crate) fn of_domain(
        &self,
        jni: &Jni<'_>,
        jvmti: Jvmti,
        domain: Option<Object<'_>>,
    ) -> CodeSource {
        let Some(domain) = domain else { return CodeSource::Known("".into()) };
        let Ok(hash) = jvmti.object_hash(domain) else { return CodeSource::Unknown };
        if let Some(known) = self.find(jni, hash, domain) {
            return CodeSource::Known(known);
        }
        if ASKING.replace(true) {
            return CodeSource::Unknown;
        }
        let asked = jni.with_frame(|jni| self.ask(jni, domain));
        ASKING.set(false);
        let (Ok(Ok(text)), Ok(weak)) = (asked, jni.weak(domain)) else {
            return CodeSource::Unknown;
        };
        let text: Arc<str> = text.into();
        let mut known = lock(&self.known);
        let entries = known.entry(hash).or_default();
        entries.retain(|(weak, _)| !jni.is_cleared(weak));
        entries.push((weak, Arc::clone(&text)));
        CodeSource::Known(text)
    }

    fn find(&self, jni: &Jni<'_>, hash: i32, domain: Object<'_>) -> Option<Arc<str>> {
        let known = lock(&self.known);
        let entries = known.get(&hash)?;
        let found = entries.iter().find(|(weak, _)| jni.is_same(weak, domain))?;
        Some(Arc::clone(&found.1))
    }

    /// `domain.getCodeSource().getLocation().toString()`, empty where one of them is null.
    fn ask(&self, jni: &Jni<'_>, domain: Object<'_>) -> Result<String, JvmError> {
        let Some(source) = jni.call_object(domain, &self.get_code_source, &[])? else {
            return Ok(String::new());
        };
        let Some(location) = jni.call_object(source, &self.get_location, &[])? else {
            return Ok(String::new());
        };
        let text = jni.call_object(location, &self.url_to_string, &[])?;
        text.map_or(Ok(String::new()), |text| jni.string(text))
    }
}
