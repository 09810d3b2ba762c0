//! Streams a synthetic offer file of the size of EC2's in one region through the price reader and
//! shows time and peak memory. `cargo run --release -p beehive-reports --example offer_stream`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use beehive_reports::prices::{Meter, builtin_instances, builtin_prices, read_price_file};

type Failure = Box<dyn std::error::Error>;

const TARGET_BYTES: u64 = 500_000_000;

fn main() -> Result<(), Failure> {
    let folder = std::env::temp_dir().join("beehive-offer-stream");
    std::fs::create_dir_all(&folder)?;
    let (json, csv) = (folder.join("offer.json"), folder.join("offer.csv"));
    write_json(&json)?;
    write_csv(&csv)?;
    for path in [&json, &csv] {
        let (mut prices, mut instances) = (builtin_prices(), builtin_instances());
        let began = Instant::now();
        read_price_file(path, "us-east-1", &mut prices, &mut instances)?;
        let seconds = began.elapsed().as_secs_f64();
        let mb = std::fs::metadata(path)?.len() as f64 / 1e6;
        let price = prices.get("us-east-1", &Meter::on_demand("m4.xlarge"));
        let first = price.and_then(|p| p.tiers.first()).map(|t| t.usd.to_string());
        say(&format!(
            "{}: {mb:.0} MB in {seconds:.1} s ({:.0} MB/s), peak memory {} MB, m4.xlarge {}",
            path.extension().unwrap_or_default().to_string_lossy(),
            mb / seconds,
            peak_mb(),
            first.unwrap_or_default()
        ));
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Product `index`: one in fifty is a plain Linux instance, the rest is what the reader skips.
fn product(index: u64) -> [&'static str; 3] {
    if index.is_multiple_of(50) {
        ["Linux", "RunInstances", "Used"]
    } else {
        ["Windows", "RunInstances:0002", "AllocatedCapacityReservation"]
    }
}

fn instance(index: u64) -> String {
    if index == 0 { "m4.xlarge".to_owned() } else { format!("x{}.xlarge", index % 70_000) }
}

fn write_json(path: &Path) -> Result<(), Failure> {
    let mut out = BufWriter::new(File::create(path)?);
    write!(
        out,
        "{{\"formatVersion\":\"v1.0\",\"offerCode\":\"AmazonEC2\",\"version\":\"20260101000000\",\
         \"publicationDate\":\"2026-01-01T00:00:00Z\",\"products\":{{"
    )?;
    let count = TARGET_BYTES / 980;
    for index in 0..count {
        let [os, operation, capacity] = product(index);
        let (comma, name) = (if index == 0 { "" } else { "," }, instance(index));
        write!(
            out,
            "{comma}\"SKU{index:013}\":{{\"sku\":\"SKU{index:013}\",\"productFamily\":\"Compute \
             Instance\",\"attributes\":{{\"servicecode\":\"AmazonEC2\",\"location\":\"US East (N. \
             Virginia)\",\"regionCode\":\"us-east-1\",\"instanceType\":\"{name}\",\"vcpu\":\"4\",\
             \"memory\":\"16 GiB\",\"tenancy\":\"Shared\",\"operatingSystem\":\"{os}\",\
             \"usagetype\":\"BoxUsage:{name}\",\"operation\":\"{operation}\",\"capacitystatus\":\
             \"{capacity}\",\"preInstalledSw\":\"NA\",\"physicalProcessor\":\"Intel Xeon\",\
             \"networkPerformance\":\"High\",\"processorFeatures\":\"Intel AVX; Intel AVX2; Intel \
             Turbo\",\"normalizationSizeFactor\":\"8\"}}}}"
        )?;
    }
    write!(out, "}},\"terms\":{{\"OnDemand\":{{")?;
    for index in 0..count {
        let comma = if index == 0 { "" } else { "," };
        let sku = format!("SKU{index:013}");
        write!(
            out,
            "{comma}\"{sku}\":{{\"{sku}.JRTCKXETXF\":{{\"offerTermCode\":\"JRTCKXETXF\",\"sku\":\
             \"{sku}\",\"effectiveDate\":\"2026-01-01T00:00:00Z\",\"priceDimensions\":{{\
             \"{sku}.JRTCKXETXF.6YS6EN2CT7\":{{\"rateCode\":\"{sku}.JRTCKXETXF.6YS6EN2CT7\",\
             \"description\":\"synthetic\",\"beginRange\":\"0\",\"endRange\":\"Inf\",\"unit\":\
             \"Hrs\",\"pricePerUnit\":{{\"USD\":\"0.{:010}\"}},\"appliesTo\":[]}}}},\
             \"termAttributes\":{{}}}}}}",
            2_000_000_000 + index
        )?;
    }
    write!(out, "}},\"Reserved\":{{}}}}}}")?;
    out.flush()?;
    Ok(())
}

fn write_csv(path: &Path) -> Result<(), Failure> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"synthetic\"")?;
    writeln!(out, "\"Publication Date\",\"2026-01-01T00:00:00Z\"\n\"Version\",\"20260101000000\"")?;
    writeln!(out, "\"OfferCode\",\"AmazonEC2\"")?;
    writeln!(
        out,
        "\"SKU\",\"OfferTermCode\",\"RateCode\",\"TermType\",\"PriceDescription\",\
         \"StartingRange\",\"EndingRange\",\"Unit\",\"PricePerUnit\",\"Currency\",\"Product \
         Family\",\"serviceCode\",\"Instance Type\",\"vCPU\",\"Physical Processor\",\"Memory\",\
         \"Tenancy\",\"Operating System\",\"usageType\",\"operation\",\"CapacityStatus\",\"Pre \
         Installed S/W\",\"Region Code\""
    )?;
    for index in 0..TARGET_BYTES / 330 {
        let [os, operation, capacity] = product(index);
        let name = instance(index);
        writeln!(
            out,
            "\"SKU{index:013}\",\"JRTCKXETXF\",\"SKU{index:013}.JRTCKXETXF.6YS6EN2CT7\",\
             \"OnDemand\",\"synthetic price of one hour\",\"0\",\"Inf\",\"Hrs\",\"0.{:010}\",\
             \"USD\",\"Compute Instance\",\"AmazonEC2\",\"{name}\",\"4\",\"Intel Xeon\",\"16 \
             GiB\",\"Shared\",\"{os}\",\"BoxUsage:{name}\",\"{operation}\",\"{capacity}\",\"NA\",\
             \"us-east-1\"",
            2_000_000_000 + index
        )?;
    }
    out.flush()?;
    Ok(())
}

/// Highest resident memory of this process so far (Linux).
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn say(text: &str) {
    println!("{text}");
}
