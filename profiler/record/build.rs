//! Builds the agent library, so that the host side can carry it: `cargo install --path cli` then
//! yields one file. `BEEHIVE_AGENT_LIBRARY` names a library to take instead.

use std::error::Error;

use beehive_embed::{Library, embed};

fn main() -> Result<(), Box<dyn Error>> {
    embed(Library {
        package: "beehive-agent",
        file: "libbeehive_agent.so",
        sources: &["../agent", "../jvm", "../classfile", "../trace"],
        variable: "BEEHIVE_AGENT_LIBRARY",
    })
}
