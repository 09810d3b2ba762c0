//! Names of the runtime's classes that rewritten code calls. They are on the boot class path of
//! server and workers (`runtime/java`, package `hook`); `docs/rewriting.md` says what each does.

/// The gate of root methods.
pub const GATE: &str = "dev/beehive/runtime/hook/Gate";
/// Read, write and statics barriers, acquire and release.
pub const BARRIER: &str = "dev/beehive/runtime/hook/Barrier";
/// Monitors, waiting and signalling.
pub const MONITORS: &str = "dev/beehive/runtime/hook/Monitors";
/// Final methods of `java.util.concurrent.atomic`.
pub const ATOMICS: &str = "dev/beehive/runtime/hook/Atomics";
/// Reflection and serialization.
pub const REFLECTED: &str = "dev/beehive/runtime/hook/Reflected";
/// What reaches beyond the JVM.
pub const HOST_EFFECTS: &str = "dev/beehive/runtime/hook/HostEffects";
/// Futures, and what hands work to threads.
pub const FUTURES: &str = "dev/beehive/runtime/hook/Futures";
/// Scoped values, which are bound to the calling thread.
pub const SCOPED: &str = "dev/beehive/runtime/hook/Scoped";
/// Loggers of home.
pub const LOGGERS: &str = "dev/beehive/runtime/hook/Loggers";
/// Bootstraps of lambdas.
pub const LAMBDA_SITES: &str = "dev/beehive/runtime/hook/LambdaSites";

/// Field of an object that says whether its contents are here.
pub const STATE_FIELD: &str = "$bh";
/// Static field of a class that says whether its statics are here.
pub const STATICS_FIELD: &str = "$bhs";
/// Static method that a class's initialiser becomes where it is kept to be run by hand.
pub const INITIALISER: &str = "$bhinit";
/// Value of [`STATICS_FIELD`] until the statics have been fetched.
pub const STATICS_PENDING: i32 = -1;

/// Static methods that rewritten classes of a server call: class, name, descriptor.
pub fn server_hooks() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let gate = [(GATE, "isOpen", crate::gate::IS_OPEN), (GATE, "invoke", crate::gate::INVOKE)];
    let lambdas = [
        (LAMBDA_SITES, "metafactory", crate::lambdas::METAFACTORY),
        (LAMBDA_SITES, "altMetafactory", crate::lambdas::ALT_METAFACTORY),
    ];
    gate.into_iter().chain(lambdas)
}
