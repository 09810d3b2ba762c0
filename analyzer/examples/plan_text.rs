//! Prints the plan of a hand-written trace: `cargo run -p beehive-analyzer --example plan_text -- FILE`.
#![allow(clippy::print_stdout, reason = "an example for developers")]

use beehive_analyzer::{Options, make_plan};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a trace in text form")?;
    let trace = beehive_trace::parse_text(&std::fs::read_to_string(path)?)?;
    let planned = make_plan(&trace, &Options::default());
    print!("{}", beehive_plan::render_plan(&planned.plan, None)?);
    Ok(())
}
