//! Exit code, diagnostic code and help for each way a cost report can fail.

use beehive_reports::ReportError;

use crate::args::cost_report::CostReportArgs;
use crate::diagnostics::{Failure, unwritable};
use crate::exit::Exit;

/// Turns an error of the reports crate into what a person sees.
pub fn failure(error: ReportError, args: &CostReportArgs) -> Failure {
    let plan = super::shown(args.plan.as_deref());
    let (exit, code, help) = match &error {
        ReportError::Write { path, .. } => return unwritable(&path.clone(), error),
        ReportError::Read { path, .. } => {
            (Exit::Input, "bee::report::io", format!("check the path: ls -l {}", path.display()))
        }
        ReportError::NoLatency => (
            Exit::Input,
            "bee::report::no_latency",
            format!(
                "record a run under load and plan it: beehive profile --load requests.http --rate \
                 50/s -o app.beetrace -- java -jar app.jar && beehive plan app.beetrace -o {plan}"
            ),
        ),
        ReportError::PlanFigure { .. } => (
            Exit::Input,
            "bee::report::plan_figure",
            format!("mend the figure in {plan}, or make the plan anew: beehive plan app.beetrace"),
        ),
        ReportError::MeasuredOtherPlan { .. } => (
            Exit::Input,
            "bee::measured::other_plan",
            format!(
                "run this plan: beehive run --plan {plan} --offload all --measured measured.json -- java -jar app.jar"
            ),
        ),
        ReportError::PriceFile { .. } | ReportError::PriceService { .. } => (
            Exit::Input,
            "bee::prices::file",
            "give an offer file of AmazonEC2, AmazonECS or AWSLambda as the vendor publishes it, \
             JSON or CSV"
                .to_owned(),
        ),
        ReportError::PriceRegion { found, .. } => (
            Exit::Input,
            "bee::prices::region",
            format!("name the file's region with --region ({found}), or get that region's file"),
        ),
        ReportError::Overlay { .. } => (
            Exit::Input,
            "bee::prices::overlay",
            "each entry needs service, meter and either usd or discount_percent; the meters in \
             use are shown by --explain"
                .to_owned(),
        ),
        ReportError::Arrivals { .. } => (Exit::Input, "bee::arrivals::file", arrivals_help(&error)),
        ReportError::BurstTooLong { arrivals_s, .. } => (
            Exit::Usage,
            "bee::arrivals::too_short",
            format!("use --for {arrivals_s:.0}s or less, or start earlier with --from"),
        ),
        ReportError::UnknownInstance { nearest, .. } => (
            Exit::Usage,
            "bee::prices::instance",
            format!(
                "known nearby: {}; others come with an offer file: --prices FILE",
                nearest.join(", ")
            ),
        ),
        ReportError::Setting { .. } => (
            Exit::Usage,
            "bee::settings::range",
            "see beehive cost-report --help; fields of a settings file are those under `settings` \
             of a report.json"
                .to_owned(),
        ),
        ReportError::UnjudgedGoal { .. } => (
            Exit::Input,
            "bee::goal::unpriced",
            "give the missing prices with --prices or --prices-overlay, or leave the way out with \
             --ways"
                .to_owned(),
        ),
        ReportError::NotAReport { .. } => (
            Exit::Input,
            "bee::report::not_a_report",
            "--compare takes the report.json of an earlier report".to_owned(),
        ),
        _ => (Exit::Bug, "bee::report::bug", "please report this".to_owned()),
    };
    Failure::new(exit, code, "no report was made").because(error).help(help)
}

fn arrivals_help(error: &ReportError) -> String {
    let ReportError::Arrivals { path, reason, .. } = error else { return String::new() };
    if reason.contains("gap") {
        "if the silence is real, say so: --allow-gaps; or use a part: --from TIME --for TIME".into()
    } else if reason.contains("comes before") {
        format!("sort it: (head -1 {0}; tail -n +2 {0} | sort -g) > sorted.csv", path.display())
    } else {
        "one instant a line under a header t_ms, t_s or t_ns, rising, no empty lines; or an Azure \
         Functions trace of 2019 or 2021"
            .into()
    }
}
