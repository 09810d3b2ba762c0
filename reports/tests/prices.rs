//! Price files in every form the vendor publishes, overlays, and what is said when they are wrong.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, helpers included")]

use beehive_reports::ReportError;
use beehive_reports::prices::{
    InstanceTable, Mark, Meter, PriceBook, apply_overlay, builtin_instances, builtin_prices,
    read_price_file,
};

const REGION: &str = "us-east-1";

struct Product {
    sku: &'static str,
    family: &'static str,
    attributes: &'static str,
    usd: &'static str,
}

const M4: &str = r#""servicecode":"AmazonEC2","regionCode":"us-east-1","instanceType":"m4.xlarge","vcpu":"4","memory":"16 GiB","tenancy":"Shared","operatingSystem":"Linux","usagetype":"BoxUsage:m4.xlarge","operation":"RunInstances","capacitystatus":"Used","preInstalledSw":"NA""#;
const M4_WINDOWS: &str = r#""servicecode":"AmazonEC2","regionCode":"us-east-1","instanceType":"m4.xlarge","tenancy":"Shared","operatingSystem":"Windows","usagetype":"BoxUsage:m4.xlarge","operation":"RunInstances:0002","capacitystatus":"Used","preInstalledSw":"NA""#;
const M4_UNUSED: &str = r#""servicecode":"AmazonEC2","regionCode":"us-east-1","instanceType":"m4.xlarge","tenancy":"Shared","operatingSystem":"Linux","usagetype":"UnusedBox:m4.xlarge","operation":"RunInstances","capacitystatus":"UnusedCapacityReservation","preInstalledSw":"NA""#;
const T3_CREDITS: &str = r#""servicecode":"AmazonEC2","regionCode":"us-east-1","operatingSystem":"Linux","usagetype":"CPUCredits:t3","operation":"RunInstances""#;
const NEW_TYPE: &str = r#""servicecode":"AmazonEC2","regionCode":"us-east-1","instanceType":"m9g.xlarge","vcpu":"4","memory":"1,024 GiB","physicalProcessor":"AWS Graviton9","tenancy":"Shared","operatingSystem":"Linux","usagetype":"BoxUsage:m9g.xlarge","operation":"RunInstances","capacitystatus":"Used","preInstalledSw":"NA""#;

fn products() -> Vec<Product> {
    let instance =
        |sku, attributes, usd| Product { sku, family: "Compute Instance", attributes, usd };
    vec![
        instance("A", M4, "0.1900000000"),
        instance("B", M4_WINDOWS, "0.3840000000"),
        instance("C", M4_UNUSED, "0.0000000000"),
        Product { sku: "D", family: "CPU Credits", attributes: T3_CREDITS, usd: "0.0600000000" },
        instance("E", NEW_TYPE, "0.1234567891"),
    ]
}

fn offer(service: &str, products: &[Product], terms_first: bool) -> String {
    let rows: Vec<_> = products
        .iter()
        .map(|p| {
            format!(
                r#""{0}":{{"sku":"{0}","productFamily":"{1}","attributes":{{{2}}}}}"#,
                p.sku, p.family, p.attributes
            )
        })
        .collect();
    let terms: Vec<_> = products
        .iter()
        .map(|p| {
            format!(
                r#""{0}":{{"{0}.JRTCKXETXF":{{"offerTermCode":"JRTCKXETXF","sku":"{0}","priceDimensions":{{"{0}.X":{{"beginRange":"0","endRange":"Inf","unit":"Hrs","pricePerUnit":{{"USD":"{1}"}}}}}}}}}}"#,
                p.sku, p.usd
            )
        })
        .collect();
    let head = format!(
        r#""formatVersion":"v1.0","offerCode":"{service}","version":"20260720000000","publicationDate":"2026-07-20T00:00:00Z""#
    );
    let products = format!(r#""products":{{{}}}"#, rows.join(","));
    let terms = format!(
        r#""terms":{{"OnDemand":{{{}}},"Reserved":{{"A":{{"x":[1,2]}}}}}}"#,
        terms.join(",")
    );
    if terms_first {
        format!("{{{head},{terms},\n{products}}}")
    } else {
        format!("{{{head},{products},\n{terms}}}")
    }
}

fn read(text: &str) -> Result<(PriceBook, InstanceTable), ReportError> {
    read_for(text, REGION)
}

fn read_for(text: &str, region: &str) -> Result<(PriceBook, InstanceTable), ReportError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let (mut book, mut table) = (builtin_prices(), builtin_instances());
    read_price_file(file.path(), region, &mut book, &mut table)?;
    Ok((book, table))
}

fn usd(book: &PriceBook, meter: &Meter) -> String {
    book.get(REGION, meter).unwrap().tiers.first().unwrap().usd.to_string()
}

#[test]
fn an_offer_file_goes_over_the_built_in_prices_in_whatever_order_it_is() {
    for terms_first in [false, true] {
        let (book, table) = read(&offer("AmazonEC2", &products(), terms_first)).unwrap();
        let m4 = book.get(REGION, &Meter::on_demand("m4.xlarge")).unwrap();
        assert_eq!(m4.tiers.len(), 1, "Windows and unused capacity are other prices");
        assert_eq!(m4.tiers[0].usd.to_string(), "0.19");
        assert_eq!((m4.dated.as_str(), m4.mark), ("2026-07-20", Mark::User));
        assert!(m4.source.contains("AmazonEC2 version 20260720000000"));
        assert_eq!(usd(&book, &Meter::cpu_credits("t3.large")), "0.06");
        assert_eq!(usd(&book, &Meter::on_demand("m9g.xlarge")), "0.1234567891");
        assert_eq!(usd(&book, &Meter::on_demand("m5.xlarge")), "0.192", "others stay");
        let new = table.get("m9g.xlarge").unwrap();
        assert_eq!((new.vcpu, new.is_arm(), new.memory_gb.to_string().as_str()), (4, true, "1024"));
        assert!(table.get("t3.xlarge").unwrap().credits.is_some());
    }
}

#[test]
fn tiers_and_regions_of_lambda_are_read_without_their_prefix() {
    let attributes =
        r#""servicecode":"AWSLambda","regionCode":"eu-west-2","usagetype":"EUW2-Lambda-GB-Second""#;
    let text = format!(
        r#"{{"formatVersion":"v1.0","offerCode":"AWSLambda","version":"1","publicationDate":"2026-01-02T00:00:00Z","products":{{"L":{{"sku":"L","productFamily":"Serverless","attributes":{{{attributes}}}}}}},"terms":{{"OnDemand":{{"L":{{"L.JRTCKXETXF":{{"offerTermCode":"JRTCKXETXF","priceDimensions":{{"b":{{"beginRange":"6000000000","endRange":"Inf","pricePerUnit":{{"USD":"0.000015"}}}},"a":{{"beginRange":"0","endRange":"6000000000","pricePerUnit":{{"USD":"0.0000166667"}}}}}}}}}}}}}}}}"#
    );
    let (book, _) = read_for(&text, "eu-west-2").unwrap();
    let price = book.get("eu-west-2", &Meter::lambda_duration(false)).unwrap();
    let tiers: Vec<_> = price.tiers.iter().map(|t| t.usd.to_string()).collect();
    assert_eq!(tiers, ["0.0000166667", "0.000015"], "in rising order");
    assert_eq!(price.unit, "GB-s");
}

#[test]
fn the_csv_form_says_the_same() {
    let text = "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"x\"\n\"Publication Date\",\"2026-07-20T00:00:00Z\"\n\"Version\",\"7\"\n\"OfferCode\",\"AmazonECS\"\n\
        \"SKU\",\"OfferTermCode\",\"StartingRange\",\"EndingRange\",\"Unit\",\"PricePerUnit\",\"Currency\",\"Product Family\",\"usageType\",\"Region Code\",\"A new column\"\n\
        \"A\",\"JRTCKXETXF\",\"0\",\"Inf\",\"hours\",\"0.0500000000\",\"USD\",\"Compute\",\"USE1-Fargate-vCPU-Hours:perCPU\",\"us-east-1\",\"\"\n\
        \"B\",\"JRTCKXETXF\",\"0\",\"Inf\",\"hours\",\"9.0000000000\",\"USD\",\"Compute\",\"EUW2-Fargate-vCPU-Hours:perCPU\",\"eu-west-2\",\"\"\n\
        \"C\",\"OTHERTERM0\",\"0\",\"Inf\",\"hours\",\"9.0000000000\",\"USD\",\"Compute\",\"USE1-Fargate-GB-Hours\",\"us-east-1\",\"\"\n";
    let (book, _) = read(text).unwrap();
    assert_eq!(usd(&book, &Meter::fargate_vcpu(false)), "0.05");
    assert_eq!(usd(&book, &Meter::fargate_memory(false)), "0.004445", "another term is no price");
    let negative = text.replace("0.0500000000", "-1");
    let message = read(&negative).unwrap_err().to_string();
    assert!(message.contains(":7: ") && message.contains("negative"), "{message}");
    let headless = text.replace("\"Region Code\"", "\"Place\"");
    let message = read(&headless).unwrap_err().to_string();
    assert!(message.contains(":6: column `Region Code` is missing"), "{message}");
}

#[test]
fn answers_of_the_price_query_are_read_in_both_their_forms() {
    let product = format!(
        r#"{{"product":{{"productFamily":"Compute Instance","attributes":{{{M4}}},"sku":"A"}},"serviceCode":"AmazonEC2","terms":{{"OnDemand":{{"A.JRTCKXETXF":{{"offerTermCode":"JRTCKXETXF","priceDimensions":{{"A.J.6":{{"beginRange":"0","endRange":"Inf","unit":"Hrs","pricePerUnit":{{"USD":"0.1800000000"}}}}}}}}}}}},"version":"3","publicationDate":"2026-05-01T00:00:00Z"}}"#
    );
    let listed =
        serde_json::json!({ "FormatVersion": "aws_v1", "PriceList": [product] }).to_string();
    for text in [listed, format!("{product}\n{product}\n")] {
        let (book, _) = read(&text).unwrap();
        assert_eq!(usd(&book, &Meter::on_demand("m4.xlarge")), "0.18");
    }
}

#[test]
fn a_wrong_file_is_told_by_what_is_wrong() {
    let other = read(&offer("AmazonRDS", &products(), false)).unwrap_err();
    assert!(matches!(&other, ReportError::PriceService { found, .. } if found == "AmazonRDS"));
    let region = read_for(&offer("AmazonEC2", &products(), false), "eu-west-2").unwrap_err();
    assert!(matches!(&region, ReportError::PriceRegion { found, .. } if found == "us-east-1"));
    for (price, word) in
        [("NaN", "not a decimal"), ("-0.1", "negative"), ("cheap", "not a decimal")]
    {
        let mut all = products();
        all[0].usd = price;
        let error = read(&offer("AmazonEC2", &all, false)).unwrap_err();
        let ReportError::PriceFile { line, reason, .. } = &error else { panic!("{error}") };
        assert_eq!(*line, 2, "{error}");
        assert!(reason.contains(word) && reason.contains("BoxUsage:m4.xlarge"), "{reason}");
    }
    let whole = offer("AmazonEC2", &products(), false);
    let cut = read(whole.get(..whole.len() - 20).unwrap()).unwrap_err();
    assert!(matches!(cut, ReportError::PriceFile { line: 2, .. }), "{cut}");
    assert!(matches!(read("hello"), Err(ReportError::PriceFile { line: 1, .. })));
}

fn overlay(text: &str) -> Result<PriceBook, String> {
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    std::fs::write(file.path(), text).unwrap();
    let mut book = builtin_prices();
    apply_overlay(file.path(), REGION, &mut book).map_err(|e| e.to_string())?;
    Ok(book)
}

#[test]
fn an_overlay_discounts_and_sets_prices() {
    let book = overlay(
        "[[price]]\nservice = \"AWSLambda\"\nmeter = \"Lambda-GB-Second*\"\ndiscount_percent = \"10\"\n\
         [[price]]\nservice = \"AmazonEC2\"\nmeter = \"BoxUsage:m4.xlarge\"\nusd = \"0.11\"\ndated = \"2026-01-01\"\n\
         [[price]]\nservice = \"AmazonEC2\"\nmeter = \"BoxUsage:t2.xlarge\"\nusd = \"0.1856\"\nadd = true\n",
    )
    .unwrap();
    assert_eq!(usd(&book, &Meter::lambda_duration(false)), "0.00001500003");
    assert_eq!(usd(&book, &Meter::lambda_duration(true)), "0.00001200006");
    assert_eq!(usd(&book, &Meter::on_demand("m4.xlarge")), "0.11");
    assert_eq!(usd(&book, &Meter::on_demand("t2.xlarge")), "0.1856");
}

#[test]
fn an_overlay_entry_that_matches_nothing_or_makes_no_sense_is_an_error() {
    let entry = |rest: &str| overlay(&format!("[[price]]\nservice = \"AmazonEC2\"\n{rest}"));
    let unused = entry("meter = \"BoxUsage:m4.xlrage\"\nusd = \"0.1\"").unwrap_err();
    assert!(unused.contains("`AmazonEC2 BoxUsage:m4.xlrage`: matches no price"), "{unused}");
    assert!(entry("meter = \"BoxUsage:*\"").unwrap_err().contains("needs either"));
    let more = entry("meter = \"BoxUsage:*\"\ndiscount_percent = \"120\"").unwrap_err();
    assert!(more.contains("less than nothing"), "{more}");
    let typo = entry("meter = \"BoxUsage:*\"\ndiscont = \"1\"").unwrap_err();
    assert!(typo.contains("line 4") && typo.contains("discont"), "{typo}");
}
