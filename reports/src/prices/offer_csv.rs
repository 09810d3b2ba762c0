//! The vendor's offer file as CSV, streamed: five lines of facts about the file, then a header,
//! then a row a price. Columns are found by name, so a new column does no harm.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use csv::StringRecord;

use super::offer_row::{Attributes, Collected, ON_DEMAND_TERM, tier};
use crate::ReportError;

/// Lines before the header.
const FACT_LINES: u64 = 5;

/// Reads the offer file at `path`, keeping the prices of `region`.
pub(super) fn read(path: &Path, region: &str) -> Result<Collected, ReportError> {
    let file = File::open(path).map_err(ReportError::read(path))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let facts = facts(path, &mut reader)?;
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let columns =
        Columns::new(rows.headers().map_err(|e| bad(path, FACT_LINES + 1, &e.to_string()))?);
    columns.check().map_err(|reason| bad(path, FACT_LINES + 1, &reason))?;
    let source = format!("offer file {} version {}", facts.service, facts.version);
    let mut collected = Collected::default();
    collected.services.insert(facts.service.clone());
    let mut record = StringRecord::new();
    while rows.read_record(&mut record).map_err(|e| {
        let line = e.position().map_or(0, csv::Position::line);
        bad(path, FACT_LINES + line, &e.to_string())
    })? {
        let line = FACT_LINES + record.position().map_or(0, csv::Position::line);
        let row = Row { columns: &columns, record: &record, facts: &facts };
        row.collect(region, &source, &mut collected).map_err(|r| bad(path, line, &r))?;
    }
    Ok(collected)
}

fn bad(path: &Path, line: u64, reason: &str) -> ReportError {
    ReportError::PriceFile { path: path.to_owned(), line, reason: reason.to_owned() }
}

#[derive(Default)]
struct Facts {
    service: String,
    version: String,
    published: String,
}

fn facts(path: &Path, reader: &mut impl BufRead) -> Result<Facts, ReportError> {
    let mut facts = Facts::default();
    for number in 1..=FACT_LINES {
        let mut line = String::new();
        reader.read_line(&mut line).map_err(ReportError::read(path))?;
        let Some((key, value)) = line.split_once(',') else {
            return Err(bad(path, number, "an offer file begins with five lines of facts"));
        };
        let value = value.trim().trim_matches('"').to_owned();
        match key.trim_matches('"') {
            "OfferCode" => facts.service = value,
            "Version" => facts.version = value,
            "Publication Date" => facts.published = value,
            _ => {}
        }
    }
    Ok(facts)
}

struct Columns(BTreeMap<String, usize>);

impl Columns {
    fn new(header: &StringRecord) -> Self {
        Self(header.iter().enumerate().map(|(i, name)| (name.to_owned(), i)).collect())
    }

    fn check(&self) -> Result<(), String> {
        let needed = ["OfferTermCode", "PricePerUnit", "usageType", "Region Code"];
        match needed.into_iter().find(|name| !self.0.contains_key(*name)) {
            Some(name) => Err(format!("column `{name}` is missing from the header")),
            None => Ok(()),
        }
    }
}

struct Row<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
    facts: &'a Facts,
}

impl Row<'_> {
    fn get(&self, name: &str) -> &str {
        self.columns.0.get(name).and_then(|i| self.record.get(*i)).unwrap_or("")
    }

    fn collect(&self, region: &str, source: &str, into: &mut Collected) -> Result<(), String> {
        let found = self.get("Region Code");
        into.saw_region(found);
        let is_dollar_on_demand =
            self.get("OfferTermCode") == ON_DEMAND_TERM && self.get("Currency") == "USD";
        if found != region || !is_dollar_on_demand {
            return Ok(());
        }
        let attributes = self.attributes();
        let service = self.facts.service.as_str();
        let Some(meter) = attributes.meter(service, self.get("Product Family"), region) else {
            return Ok(());
        };
        if meter.name.starts_with("BoxUsage") {
            into.instances.extend(attributes.instance());
        }
        let (from, to) = (self.get("StartingRange"), self.get("EndingRange"));
        let tier = tier(from, to, self.get("PricePerUnit"))
            .map_err(|reason| format!("{meter}: {reason}"))?;
        let dated = self.facts.published.get(..10).unwrap_or(&self.facts.published);
        into.add(meter, tier, dated, source);
        Ok(())
    }

    fn attributes(&self) -> Attributes {
        let text = |name: &str| self.get(name).to_owned();
        Attributes {
            servicecode: text("serviceCode"),
            region_code: text("Region Code"),
            instance_type: text("Instance Type"),
            operating_system: text("Operating System"),
            tenancy: text("Tenancy"),
            pre_installed_sw: text("Pre Installed S/W"),
            capacitystatus: text("CapacityStatus"),
            operation: text("operation"),
            usagetype: text("usageType"),
            vcpu: text("vCPU"),
            memory: text("Memory"),
            physical_processor: text("Physical Processor"),
        }
    }
}
