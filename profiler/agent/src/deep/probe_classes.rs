//! `java.lang.BeeDeep` and the classes it stands on: their bytes, their definition in the boot loader
//! and their methods for the agent. The sources are `probe/BeeDeep*.java`.

use beehive_jvm::{Jni, JvmError, Object, StaticMethod, Value};
use beehive_trace::DeepConfig;

use super::calls::DEEP;

/// Class files by internal name, each after those it needs.
const CLASSES: [(&str, &[u8]); 4] = [
    ("java/lang/BeeDeepIdentity", include_bytes!("../../probe/BeeDeepIdentity.class")),
    ("java/lang/BeeDeepCounts", include_bytes!("../../probe/BeeDeepCounts.class")),
    ("java/lang/BeeDeepSample", include_bytes!("../../probe/BeeDeepSample.class")),
    (DEEP, include_bytes!("../../probe/BeeDeep.class")),
];
/// Skipped, aborted and nested entries of one root.
pub(crate) const SUMS: usize = 3;

/// The probe classes in the JVM.
#[derive(Debug)]
pub(crate) struct ProbeClasses {
    prepared: StaticMethod,
    take: StaticMethod,
    take_classes: StaticMethod,
    take_notes: StaticMethod,
    taken: StaticMethod,
    root_sums: StaticMethod,
}

/// A sample as it comes out of the JVM.
#[derive(Debug)]
pub(crate) struct RawSample {
    pub(crate) longs: Vec<i64>,
    pub(crate) classes: Vec<String>,
    pub(crate) notes: Vec<String>,
}

impl ProbeClasses {
    /// Defines the classes and sets the limits.
    pub(crate) fn define(jni: &Jni<'_>, config: &DeepConfig) -> Result<Self, JvmError> {
        let mut deep = None;
        for (name, bytes) in CLASSES {
            deep = Some(jni.define_boot_class(name, bytes)?);
        }
        let deep = deep.ok_or(JvmError::Jni { call: "DefineClass", code: 0 })?;
        let method = |name, descriptor| jni.static_method(deep, name, descriptor);
        let limit = |value: u32| Value::Int(value.clamp(1, i32::MAX as u32) as i32);
        let configure = method("configure", "(IIIJ)V")?;
        let arguments = [
            limit(config.every_nth),
            limit(config.samples_per_root_max),
            limit(config.sample_ms_max),
            Value::Long(config.sample_events_max.clamp(1, i64::MAX as u64) as i64),
        ];
        jni.call_static_void(&configure, &arguments)?;
        Ok(Self {
            prepared: method("prepared", "(Ljava/lang/Class;)V")?,
            take: method("take", "(J)[J")?,
            take_classes: method("takeClasses", "()[Ljava/lang/Object;")?,
            take_notes: method("takeNotes", "()[Ljava/lang/Object;")?,
            taken: method("taken", "()V")?,
            root_sums: method("rootSums", "(I)[J")?,
        })
    }

    /// Tells the sample of the current thread, if it has one, that a class was prepared.
    pub(crate) fn prepared(&self, jni: &Jni<'_>, class: Object<'_>) -> Result<(), JvmError> {
        jni.call_static_void(&self.prepared, &[Value::Object(Some(class))])
    }

    /// Waits for a sample.
    pub(crate) fn take(&self, jni: &Jni<'_>, wait_ms: i64) -> Result<Option<RawSample>, JvmError> {
        let Some(longs) = jni.call_static_object(&self.take, &[Value::Long(wait_ms)])? else {
            return Ok(None);
        };
        let longs = jni.longs(longs);
        let texts = |method: &StaticMethod| -> Result<Vec<String>, JvmError> {
            let array = jni.call_static_object(method, &[])?;
            array.map_or(Ok(Vec::new()), |array| jni.strings(array))
        };
        let (classes, notes) = (texts(&self.take_classes), texts(&self.take_notes));
        // Whatever could not be read: the next sample must be able to begin.
        jni.call_static_void(&self.taken, &[])?;
        Ok(Some(RawSample { longs: longs?, classes: classes?, notes: notes? }))
    }

    /// [`SUMS`] numbers for each of the first `roots` roots.
    pub(crate) fn root_sums(&self, jni: &Jni<'_>, roots: usize) -> Result<Vec<i64>, JvmError> {
        let sums = jni.call_static_object(&self.root_sums, &[Value::Int(roots as i32)])?;
        sums.map_or(Ok(Vec::new()), |array| jni.longs(array))
    }
}
