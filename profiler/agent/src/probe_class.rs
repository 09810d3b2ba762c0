//! `java.lang.BeeProbe`: its bytes, its definition in the boot loader and its methods for the agent.
//! The source is `probe/BeeProbe.java`; `tests/probe_source.rs` holds the bytes to it.

use beehive_jvm::{Jni, StaticMethod, Value};

use crate::drained::{Drained, read_drained};
use crate::error::AgentError;
use crate::note::row_of;

/// Internal name of the probe class.
pub(crate) const PROBE: &str = "java/lang/BeeProbe";
/// Its class file.
const PROBE_BYTES: &[u8] = include_bytes!("../probe/BeeProbe.class");
/// Must equal `BeeProbe.version()`.
const PROBE_VERSION: i32 = 1;
/// Mean number of root invocations for one sample of processor time.
pub(crate) const CPU_INTERVAL: i32 = 16;
/// Pairs in one round of `BeeProbe.calibrate`, which gives ns a round.
const CALIBRATION_PAIRS: u64 = 1000;

/// The probe class in the JVM.
#[derive(Debug)]
pub(crate) struct ProbeClass {
    current: StaticMethod,
    drain: StaticMethod,
    take_notes: StaticMethod,
    calibrate: StaticMethod,
    set_cpu_interval: StaticMethod,
}

impl ProbeClass {
    /// Defines the class, or takes the one an earlier attach left and empties it.
    pub(crate) fn define(jni: &Jni<'_>) -> Result<Self, AgentError> {
        let defined = jni.define_boot_class(PROBE, PROBE_BYTES);
        let class = match defined {
            Ok(class) => class,
            Err(_) => jni.find_class(PROBE)?,
        };
        if defined.is_err() {
            let version = jni.static_method(class, "version", "()I")?;
            let found = jni.call_static_int(&version, &[])?;
            if found != PROBE_VERSION {
                return Err(AgentError::OtherProbe { found });
            }
            jni.call_static_void(&jni.static_method(class, "reset", "()V")?, &[])?;
        }
        let method = |name, descriptor| jni.static_method(class, name, descriptor);
        Ok(Self {
            current: method("current", "()I")?,
            drain: method("drain", "()[J")?,
            take_notes: method("takeNotes", "()[Ljava/lang/Object;")?,
            calibrate: method("calibrate", "()J")?,
            set_cpu_interval: method("setCpuInterval", "(I)V")?,
        })
    }

    /// Row of the innermost user method of the current thread, or outside.
    pub(crate) fn current(&self, jni: &Jni<'_>) -> Result<u32, AgentError> {
        Ok(row_of(jni.call_static_int(&self.current, &[])?))
    }

    /// What was counted since the last drain.
    pub(crate) fn drain(&self, jni: &Jni<'_>) -> Result<Drained, AgentError> {
        let longs = jni.call_static_object(&self.drain, &[])?;
        let longs = longs.map(|array| jni.longs(array)).transpose()?;
        Ok(read_drained(&longs.unwrap_or_default()))
    }

    /// The notes since the last call.
    pub(crate) fn take_notes(&self, jni: &Jni<'_>) -> Result<Vec<String>, AgentError> {
        let Some(array) = jni.call_static_object(&self.take_notes, &[])? else {
            return Ok(Vec::new());
        };
        Ok(jni.strings(array)?)
    }

    /// Starts sampling processor time. Not before the library is known as an agent's: the native
    /// method behind it is found only from then on.
    pub(crate) fn sample_cpu(&self, jni: &Jni<'_>) -> Result<(), AgentError> {
        Ok(jni.call_static_void(&self.set_cpu_interval, &[Value::Int(CPU_INTERVAL)])?)
    }

    /// Cost of one entry and exit pair in this JVM, ps.
    pub(crate) fn calibrate(&self, jni: &Jni<'_>) -> Result<u64, AgentError> {
        let round_ns = jni.call_static_long(&self.calibrate, &[])?;
        Ok(round_ns.max(0) as u64 * 1000 / CALIBRATION_PAIRS)
    }
}
