//! Presets that reprint the table of costs of the BeeHive paper (its Table 3) from billed
//! quantities and list prices. What is billed is solved from the table or chosen to fit it; the
//! output says which, and nothing here was measured or simulated.

use std::fmt::Write;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ReportError;
use crate::billing::{
    Invoice, Pricing, Use, fargate_lines, lambda_duration, lambda_requests, machine_seconds,
    slot_seconds,
};
use crate::money::fixed;
use crate::prices::{InstanceTable, Meter, PriceBook};
use crate::settings::{Fargate, LambdaSettings};

/// Which preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PresetKind {
    /// m4.xlarge, Fargate 4 vCPU / 16 GB, t3a.xlarge, 120 billed seconds each.
    Paper,
    /// m4.xlarge and Fargate 120 s (boot or pull included), t3.xlarge 100 s (no boot).
    PaperT3,
}

impl PresetKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Paper, Self::PaperT3];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::PaperT3 => "paper-t3",
        }
    }

    /// The preset of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn burstable(self) -> (&'static str, u32) {
        match self {
            Self::Paper => ("t3a.xlarge", 120),
            Self::PaperT3 => ("t3.xlarge", 100),
        }
    }
}

/// The three applications with what BeeHive is taken to be billed for them: milliseconds a request
/// on Lambda (3,000 requests at 1,769 MB) and slot-seconds on OpenWhisk hosts.
const APPLICATIONS: [(&str, u64, u32); 3] =
    [("thumbnail", 132, 720), ("pybbs", 109, 1224), ("blog", 86, 936)];

const OFFLOADED_REQUESTS: u64 = 3_000;
const LAMBDA_MB: u32 = 1769;
const MACHINE_S: u32 = 120;

/// What a reader must know before quoting the table.
const REMARKS: [&str; 5] = [
    "These are billed quantities times list prices, arranged to reprint the paper's Table 3. They \
     were not measured with this tool and say nothing of your application.",
    "Instance rows: the table fixes about 480 vCPU-seconds at 4 GB a vCPU, the same for all three \
     applications. 4 vCPUs for 120 s fit; so do 2 for 240 s and 8 for 60 s.",
    "Lambda row: the table fixes the GB-seconds (720, 600 and 480 less the requests' share). How \
     they split into requests, memory and time cannot be told from it; 3,000 requests at 1,769 MB \
     are one choice among many.",
    "OpenWhisk row: OpenWhisk has no price. The rule here: price of an m4.xlarge / 4 for each \
     one-vCPU slot held; the slot-seconds are those that fit.",
    "A burstable machine costs this only if it is already running with credits: a fresh t3a.xlarge \
     at full use for 120 s owes $0.004 of surplus credits more.",
];

/// A reprinted table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Preset {
    /// Which.
    pub preset: PresetKind,
    /// Applications, in the table's order.
    pub applications: Vec<PresetApplication>,
    /// What a reader must know.
    pub remarks: Vec<String>,
}

/// An application of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PresetApplication {
    /// Name.
    pub name: String,
    /// Its cells.
    pub cells: Vec<PresetCell>,
}

/// A cell of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PresetCell {
    /// Row of the table.
    pub row: String,
    /// Dollars to three digits, as the table prints them, or `?`.
    pub printed: String,
    /// The bill behind it.
    pub invoice: Invoice,
}

/// Reprints the table with `prices`.
///
/// # Errors
/// [`ReportError::UnknownInstance`] if the table of instances lacks the preset's.
pub fn make_preset(
    kind: PresetKind,
    prices: &PriceBook,
    region: &str,
    instances: &InstanceTable,
) -> Result<Preset, ReportError> {
    let (burstable, burstable_s) = kind.burstable();
    let lambda = LambdaSettings::default();
    let pricing = Pricing { book: prices, region, lambda: &lambda };
    let host = instances.get("m4.xlarge")?;
    let cell = |row: &str, uses: &[Use]| {
        let invoice = pricing.invoice(uses, 1);
        let printed = invoice.total().map_or_else(|| "?".to_owned(), |t| fixed(t, 3));
        PresetCell { row: row.to_owned(), printed, invoice }
    };
    let machine = |instance: &str, s: u32| {
        machine_seconds("held", instance, Decimal::from(s), "billed time chosen to fit the table")
    };
    let task = Decimal::from(MACHINE_S);
    let fargate = fargate_lines("held", task, &Fargate::default(), "billed time chosen to fit");
    let applications = APPLICATIONS
        .iter()
        .map(|(name, ms, slot_s)| PresetApplication {
            name: (*name).to_owned(),
            cells: vec![
                cell("EC2 (m4.xlarge)", &[machine("m4.xlarge", MACHINE_S)]),
                cell("Fargate (4 vCPU, 16 GB)", &fargate),
                cell(&format!("Burstable ({burstable})"), &[machine(burstable, burstable_s)]),
                cell(
                    "BeeHive on OpenWhisk",
                    &[slot_seconds("slots", Decimal::from(*slot_s), host)],
                ),
                cell("BeeHive on Lambda (1,769 MB)", &lambda_uses(*ms)),
            ],
        })
        .collect();
    Ok(Preset { preset: kind, applications, remarks: REMARKS.map(str::to_owned).to_vec() })
}

fn lambda_uses(ms_per_request: u64) -> [Use; 2] {
    let total_ms = OFFLOADED_REQUESTS * ms_per_request;
    let rule = "3,000 requests, chosen to fit the table";
    let meter = Meter::lambda_duration(false);
    [
        lambda_requests(OFFLOADED_REQUESTS),
        lambda_duration("duration", meter, total_ms, LAMBDA_MB, rule),
    ]
}

impl Preset {
    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut out = format!("Preset {}: dollars a burst\n\n", self.preset.name());
        let names = self.applications.iter().fold(String::new(), |mut names, a| {
            let _ = write!(names, "  {:>9}", a.name);
            names
        });
        let _ = writeln!(out, "{:<30}{names}", "");
        let rows = self.applications.first().map_or(0, |a| a.cells.len());
        for index in 0..rows {
            let cells: Vec<_> =
                self.applications.iter().filter_map(|a| a.cells.get(index)).collect();
            let row = cells.first().map_or("", |c| c.row.as_str());
            let printed = cells.iter().fold(String::new(), |mut printed, c| {
                let _ = write!(printed, "  {:>9}", c.printed);
                printed
            });
            let _ = writeln!(out, "{row:<30}{printed}");
        }
        out.push('\n');
        for remark in &self.remarks {
            let _ = writeln!(out, "note: {remark}");
        }
        out
    }

    /// Every line behind the cells.
    pub fn explain(&self) -> String {
        let mut out = String::new();
        for application in &self.applications {
            for cell in &application.cells {
                let _ = writeln!(out, "{}, {}", application.name, cell.row);
                for line in &cell.invoice.lines {
                    let amount = crate::money::dollars(line.amount);
                    let formula = crate::render::formula(line);
                    let _ = writeln!(out, "  {}: {formula} = {amount} ({})", line.line, line.dated);
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prices::{builtin_instances, builtin_prices};

    fn printed(kind: PresetKind, row: &str) -> Vec<String> {
        let preset =
            make_preset(kind, &builtin_prices(), "us-east-1", &builtin_instances()).unwrap();
        preset
            .applications
            .iter()
            .map(|a| a.cells.iter().find(|c| c.row.starts_with(row)).unwrap().printed.clone())
            .collect()
    }

    #[test]
    fn the_nine_instance_cells_print_as_the_table_does() {
        for kind in PresetKind::ALL {
            assert_eq!(printed(kind, "EC2"), ["0.007"; 3]);
            assert_eq!(printed(kind, "Fargate"), ["0.008"; 3]);
            assert_eq!(printed(kind, "Burstable"), ["0.005"; 3]);
        }
    }

    #[test]
    fn a_t3_xlarge_at_120_s_does_not() {
        let book = builtin_prices();
        let lambda = LambdaSettings::default();
        let pricing = Pricing { book: &book, region: "us-east-1", lambda: &lambda };
        let uses = [machine_seconds("held", "t3.xlarge", Decimal::from(120), "")];
        let total = pricing.invoice(&uses, 1).total().unwrap();
        assert_eq!(fixed(total, 3), "0.006");
        assert_ne!(fixed(total, 3), printed(PresetKind::Paper, "Burstable")[0]);
    }

    #[test]
    fn the_beehive_rows_print_as_documented() {
        let lambda = printed(PresetKind::Paper, "BeeHive on Lambda");
        assert_eq!(lambda, ["0.012", "0.010", "0.008"]);
        let openwhisk = printed(PresetKind::Paper, "BeeHive on OpenWhisk");
        assert_eq!(openwhisk, ["0.010", "0.017", "0.013"]);
    }

    #[test]
    fn the_text_says_what_cannot_be_told_from_the_table() {
        let preset =
            make_preset(PresetKind::Paper, &builtin_prices(), "us-east-1", &builtin_instances());
        let text = preset.unwrap().to_text();
        assert!(text.contains("cannot be told from it") && text.contains("not measured"));
    }
}
