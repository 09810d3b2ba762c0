//! Plans traces and prints what is known of the methods named: `why PATTERN TRACE…`. For looking at the
//! planner by itself; users have `beehive plan --why`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example for developers")]

use beehive_analyzer::{Options, join, make_plan, plan_table, why};

fn main() {
    let mut args = std::env::args().skip(1);
    let pattern = args.next().unwrap();
    let read = |path: String| beehive_trace::read_trace_file(path.as_ref()).unwrap().trace;
    let joined = join(args.map(read).collect()).unwrap();
    let planned = make_plan(&joined.trace, &Options::default());
    for row in plan_table(&planned.plan, 100).rows {
        println!("{}\n    {}", row.cells.join(" | "), row.why);
    }
    println!("{:#?}", planned.plan.whole_request);
    for told in why(&joined.trace, &planned, &pattern) {
        println!("{}", told.to_text());
    }
}
