//! What the server and worker JVMs load, carried inside this program: the offload agent's library, the
//! runtime jar and the application of the self-test, all made by `build.rs`.

/// Name of the agent's library in the run's directory; HotSpot derives nothing from it.
pub(crate) const AGENT_NAME: &str = "libbeehive_offload.so";
/// The agent, built for this machine.
pub(crate) static AGENT: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/libbeehive_offload_agent.so"));
/// Name of the runtime jar in the run's directory.
pub(crate) const RUNTIME_NAME: &str = "beehive-runtime.jar";
/// The runtime jar.
pub(crate) static RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/beehive-runtime.jar"));
/// Name of the self-test's jar.
pub(crate) const SELF_TEST_NAME: &str = "beehive-selftest.jar";
/// The application of the self-test.
pub(crate) static SELF_TEST: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/beehive-selftest.jar"));
