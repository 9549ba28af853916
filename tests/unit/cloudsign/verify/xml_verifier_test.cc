#include <gtest/gtest.h>

#include "cloudsign/document/xades_signature.h"
#include "hsm/openssl/digest.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

namespace cloudsign::verify {
namespace {

using document::XmlWish;
using evidence::test_algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;

// A school report with its slots; what is signed and the slots lie beside each other.
const std::string school_report =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<hocba>\n"
    "  <data Id=\"data\">\n"
    "    <thongtinhocba Id=\"thongtinhocba\"><hoten>Trần  Thị\tBình</hoten></thongtinhocba>\n"
    "    <DIEM_TONG_KET Id=\"hs1-toan\"><diem mon='toan'>9,5</diem></DIEM_TONG_KET>\n"
    "    <DIEM_TONG_KET Id=\"hs1-van\"><diem mon='van'>8 &lt; 10</diem></DIEM_TONG_KET>\n"
    "  </data>\n"
    "  <chuky><GVBM Id=\"o-toan\"/><GVBM Id=\"o-van\"/><GVCN/><CBQL/><CHUKYDONVI/></chuky>\n"
    "</hocba>\n";
const std::string plain = "<a xmlns:x=\"urn:x\"><b Id=\"b\" x:y='1'>nội dung</b><c>2</c></a>";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return at == text.npos ? text : text.replace(at, from.size(), to);
}

class XmlVerifierTest : public VerifyTest {
protected:
    XmlVerifierTest()
        : chain_{services_.authority.issue(key_, "CN=Nguyễn Văn A,C=VN", 42),
                 services_.authority.certificate()} {}

    Result<std::string> try_sign(const std::string& xml, const XmlWish& wish = {}) {
        TRY_ASSIGN(const auto prepared,
                   document::prepare_xades(
                       hsm::view_of(xml), wish, chain_, test_algorithm, document::now_ms()));
        return document::complete_xades(
            prepared,
            test_algorithm,
            key_.sign(test_algorithm, bytes_of(hsm::view_of(prepared.signed_info))),
            chain_.front());
    }

    std::string sign(const std::string& xml, const XmlWish& wish = {}) {
        const auto made = try_sign(xml, wish);
        EXPECT_TRUE(made) << made.error().detail;
        return made ? *made : "";
    }

    std::string sign_hash(std::string_view content) {
        const auto prepared = document::prepare_xades_of_hash(
            hsm::openssl::digest_of(hsm::view_of(content), DigestAlgorithm::sha256),
            "content.bin",
            chain_,
            test_algorithm,
            document::now_ms());
        return *document::complete_xades(
            *prepared,
            test_algorithm,
            key_.sign(test_algorithm, bytes_of(hsm::view_of(prepared->signed_info))),
            chain_.front());
    }

    // All slots, one signer after the other.
    std::string whole_report() {
        auto xml = school_report;
        for (const auto& wish : {XmlWish{"GVBM", "o-toan", "hs1-toan"},
                                 XmlWish{"GVBM", "o-van", "hs1-van"},
                                 XmlWish{"GVCN", "", ""},
                                 XmlWish{"CBQL", "", ""},
                                 XmlWish{"CHUKYDONVI", "", "data"}}) {
            xml = sign(xml, wish);
        }
        return xml;
    }

    Options online() {
        auto with = options();
        with.fetch = services_.fetch();
        return with;
    }
    Report verified(const std::string& xml) { return verify_xml(hsm::view_of(xml), online()); }
    Report verified_beside(std::string_view content, const std::string& xml) {
        return verify_beside(hsm::view_of(content), hsm::view_of(xml), online());
    }

    // What the xmlsec1 program says of the signature in `parent`, or of the only one; empty: it
    // verifies.
    std::string xmlsec_complaint(const std::string& xml, const std::string& node = "") {
        const auto folder = judges_.folder();
        tests::support::write_file(folder / "signed.xml", xml);
        std::vector<std::string> words{"--verify", "--trusted-pem", (folder / "root.pem").string()};
        for (const auto* name :
             {"SignedProperties", "data", "thongtinhocba", "DIEM_TONG_KET", "b"}) {
            words.insert(words.end(), {"--id-attr:Id", name});
        }
        if (!node.empty()) {
            words.insert(
                words.end(),
                {"--node-xpath", "//*[local-name()='" + node + "']/*[local-name()='Signature']"});
        }
        words.insert(words.end(), {"--url-map:content.bin", (folder / "content.bin").string()});
        words.push_back((folder / "signed.xml").string());
        const auto done = tests::support::run_program(folder, "/usr/bin/xmlsec1", words);
        return done.code == 0 ? "" : done.out + done.err;
    }

    const pki::TestKey key_{KeyType::p256};
    const std::vector<Bytes> chain_;
};

TEST_F(XmlVerifierTest, AcceptsWhatWeSignAsXmlsecDoes) {
    for (const auto& xml : {sign(plain), sign(school_report), sign("<a/>")}) {
        const auto report = verified(xml);

        expect(report, Verdict::valid, Code::no_timestamp);
        const auto& signature = report.signatures.at(0);
        EXPECT_EQ(signature.level, Level::b_b);
        EXPECT_EQ(signature.format, "XAdES");
        EXPECT_EQ(signature.kind, SignatureKind::xml);
        EXPECT_EQ(signature.signer->name, "Nguyễn Văn A");
        EXPECT_TRUE(signature.claimed_time_ms);
        EXPECT_EQ(xmlsec_complaint(xml), "");
    }
}

TEST_F(XmlVerifierTest, AcceptsEveryKeyAndAlgorithm) {
    for (const auto& [type, algorithm] : other_keys) {
        const pki::TestKey key(type);
        const std::vector<Bytes> chain{services_.authority.issue(key, "CN=B,C=VN", 43),
                                       services_.authority.certificate()};
        const auto prepared =
            document::prepare_xades(hsm::view_of(plain), {}, chain, algorithm, document::now_ms());
        ASSERT_TRUE(prepared) << prepared.error().detail;
        const auto info = bytes_of(hsm::view_of(prepared->signed_info));
        EXPECT_EQ(prepared->hash, hsm::openssl::digest_of(info, algorithm.digest));

        const auto xml = document::complete_xades(
            *prepared, algorithm, key.sign(algorithm, info), chain.front());

        ASSERT_TRUE(xml) << xml.error().detail;
        expect(verified(*xml), Verdict::valid);
        if (algorithm.scheme != Scheme::rsa_pss) {  // xmlsec1 1.2.37 knows none
            EXPECT_EQ(xmlsec_complaint(*xml), "");
        }
    }
}

TEST_F(XmlVerifierTest, ASchoolReportIsSignedInItsSlots) {
    const auto xml = whole_report();

    const auto report = verified(xml);

    expect(report, Verdict::valid);
    ASSERT_EQ(report.signatures.size(), 5u);
    EXPECT_EQ(report.signatures[0].field, "GVBM");
    EXPECT_EQ(report.signatures[2].field, "GVCN");
    for (const auto* slot : {"GVCN", "CBQL", "CHUKYDONVI"}) {
        EXPECT_EQ(xmlsec_complaint(xml, slot), "") << slot;
    }
}

TEST_F(XmlVerifierTest, WhatNobodyHasSignedIsTold) {
    const auto xml = sign(school_report, {"GVCN", "", ""});

    const auto report = verified(xml);

    expect(report, Verdict::indeterminate, Code::xml_unsigned_content);
    EXPECT_EQ(report.signatures.at(0).verdict(), Verdict::valid);
    EXPECT_EQ(report.findings.at(0).detail, "/hocba[1]/data[1]/DIEM_TONG_KET[1]/diem[1]");
}

TEST_F(XmlVerifierTest, PlacesThatAreNoneAreRefusedInWords) {
    const auto why = [&](const XmlWish& wish) {
        return try_sign(school_report, wish).error().detail;
    };

    EXPECT_NE(why({"GVXX", "", ""}).find("GVBM, GVCN"), std::string::npos);
    EXPECT_NE(why({"GVBM", "", "hs1-toan"}).find("--into"), std::string::npos);
    EXPECT_NE(why({"GVBM", "o-toan", ""}).find("--reference"), std::string::npos);
    EXPECT_NE(why({"GVBM", "o-toan", "data"}).find("DIEM_TONG_KET"), std::string::npos);
    EXPECT_NE(why({"GVCN", "", "data"}).find("thongtinhocba"), std::string::npos);
    EXPECT_NE(why({"KY_PHAT_HANH", "", ""}).find("KY_PHAT_HANH"), std::string::npos);
    EXPECT_NE(why({"", "", "nothing"}).find("nothing"), std::string::npos);
    EXPECT_NE(why({"", "", "a' or 'b"}).find("letters"), std::string::npos);
    const auto twice = replaced(school_report, "hs1-van", "hs1-toan");
    EXPECT_NE(try_sign(twice, {"GVBM", "o-toan", "hs1-toan"}).error().detail.find("2 elements"),
              std::string::npos);
}

TEST_F(XmlVerifierTest, ARelativeNamespaceIsRefusedInWords) {
    const auto signed_xml = try_sign("<a xmlns:b=\"relative\"><b:c/></a>");

    ASSERT_FALSE(signed_xml);
    EXPECT_EQ(signed_xml.error().kind, ErrorKind::invalid);
    EXPECT_NE(signed_xml.error().detail.find("relative namespace \"relative\""), std::string::npos)
        << signed_xml.error().detail;
}

TEST_F(XmlVerifierTest, NoSignatureBreaksAnEarlierOne) {
    const auto whole = sign(plain);
    EXPECT_NE(try_sign(whole).error().detail.find("would break"), std::string::npos);
    // Beside each other they may stand.
    const auto both = sign(sign(school_report, {"GVCN", "", ""}), {"CBQL", "", ""});
    EXPECT_EQ(verified(both).verdict(), Verdict::valid) << names_of(verified(both));
}

TEST_F(XmlVerifierTest, NamesWhatWasDoneToIt) {
    const auto good = whole_report();
    const auto one = sign(plain);
    const struct {
        std::string xml;
        Code code;
    } cases[] = {
        {replaced(good, "9,5", "9,6"), Code::digest_mismatch},
        {replaced(good, "<hoten>", "<hoten >x"), Code::digest_mismatch},
        {replaced(one, "<c>2</c>", "<c>3</c>"), Code::digest_mismatch},
        {replaced(one, "SigningTime>20", "SigningTime>19"), Code::digest_mismatch},
        {replaced(one, "#ecdsa-sha256", "#ecdsa-sha384"), Code::signature_mismatch},
        {replaced(one, "#ecdsa-sha256", "#ecdsa-sha1"), Code::weak_digest},
        {replaced(one, "#ecdsa-sha256", "#other"), Code::format_unsupported},
        {replaced(one, "#enveloped-signature", "#base64"), Code::xml_transform_refused},
        {replaced(
             one,
             "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"",
             "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\""),
         Code::xml_transform_refused},
        {replaced(one, "URI=\"\"", "URI=\"other.xml\""), Code::xml_reference_unresolved},
        {replaced(one, "URI=\"\"", "URI=\"#nobody\""), Code::xml_reference_unresolved},
        {replaced(one, "URI=\"\"", "URI=\"#xpointer(/)\""), Code::xml_reference_unresolved},
        {replaced(one, "<ds:X509Certificate>", "<ds:X509Certificate>MIIB"),
         Code::certificate_missing},
        {replaced(one, "Type=\"http://uri.etsi.org/01903#SignedProperties\" ", ""),
         Code::signature_mismatch},
    };
    for (const auto& [xml, code] : cases) {
        const auto report = verified(xml);
        EXPECT_NE(report.verdict(), Verdict::valid) << text_of(code).name;
        EXPECT_TRUE(found(report, code)) << text_of(code).name << ": " << names_of(report);
    }
}

// The signed element stays whole and is found by its Id, but another stands where it was.
TEST_F(XmlVerifierTest, ASignatureIsNotWrappedAroundSomethingElse) {
    const auto good = sign(plain, {"", "", "b"});
    expect(verified(sign("<a><b Id=\"b\">1</b></a>", {"", "", "b"})), Verdict::valid);
    const auto begin = good.find("<b ");
    const auto size = good.find("</b>") + 4 - begin;
    const auto original = good.substr(begin, size);
    const auto moved = [&](const std::string& instead, const std::string& to) {
        auto xml = good;
        xml.replace(begin, size, instead);
        return replaced(xml, "</a>", to + "</a>");
    };

    // Two of one Id, in either order.
    for (const auto& xml : {moved("<b Id=\"b\">giả</b>", original),
                            moved(original + "<b Id=\"b\">giả</b>", ""),
                            moved(original + "<d ID=\"b\"/>", "")}) {
        const auto report = verified(xml);
        expect(report, Verdict::invalid, Code::xml_reference_unresolved);
    }
    // The forged one has no Id, or another: the signature holds, and of the forged part it is told
    // that nobody signed it.
    for (const auto& instead : {"<b>giả</b>", "<b Id=\"b2\">giả</b>"}) {
        expect(verified(moved(instead, "<d>" + original + "</d>")),
               Verdict::indeterminate,
               Code::xml_unsigned_content);
    }
    // Hidden in the signature of another.
    const auto second = sign(replaced(good, "<c>2</c>", "<c Id=\"c\">2</c>"), {"", "", "c"});
    const auto at = second.find(original);
    auto hidden = second;
    hidden.replace(at, original.size(), "<b>giả</b>");
    hidden.insert(hidden.rfind("</ds:Signature>"), "<ds:Object>" + original + "</ds:Object>");
    EXPECT_NE(verified(hidden).verdict(), Verdict::valid);
    // Beside what is signed as a whole, where the signature covers all but itself.
    auto stuffed = sign(plain);
    stuffed.insert(stuffed.rfind("</ds:Signature>"), "<ds:Object><b>giả</b></ds:Object>");
    expect(verified(stuffed), Verdict::indeterminate, Code::xml_unsigned_content);
}

TEST_F(XmlVerifierTest, WhatAFileDeclaresOfItsEncodingCounts) {
    const std::string declared = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    const auto good = sign(declared + "<a>Trả $100</a>");
    expect(verified(good), Verdict::valid);
    expect(verified(replaced(good, "\"UTF-8\"", "'utf-8'")), Verdict::valid);
    for (const std::string other : {"ISO646-CN",
                                    "ISO-8859-1",
                                    "windows-1258",
                                    "UTF-7",
                                    "UTF-16",
                                    "US-ASCII",
                                    "EBCDIC-CP-US",
                                    "foo",
                                    "UTF-8859-1"}) {
        const auto xml = replaced(good, "UTF-8", other);
        EXPECT_EQ(verified(xml).verdict(), Verdict::indeterminate) << other;
        EXPECT_FALSE(try_sign(replaced(declared, "UTF-8", other) + "<a>Tra $100</a>", {})) << other;
    }
    // The same text in two bytes a character, with a mark before it and without.
    std::string wide;
    for (const char c : std::string("<a>Pay</a>")) {
        wide += {c, '\0'};
    }
    for (const auto& xml : {"\xff\xfe" + wide, wide}) {
        expect(verified(xml), Verdict::indeterminate, Code::unreadable);
    }
}

TEST_F(XmlVerifierTest, WhatStandsInASignatureBesideItsPartsIsTold) {
    const auto good = sign(plain);
    const std::string end = "</ds:Signature>";
    const std::string unsigned_part =
        "<xades:UnsignedProperties><x xmlns=\"http://www.w3.org/1999/xhtml\">EVIL</x>"
        "</xades:UnsignedProperties></xades:QualifyingProperties>";
    for (const auto& xml : {replaced(good, "<ds:SignedInfo", "EVIL<ds:SignedInfo"),
                            replaced(good, "<ds:SignedInfo", "<?evil?><ds:SignedInfo"),
                            replaced(good, end, "<ds:Object>EVIL Pay 999</ds:Object>" + end),
                            replaced(good, end, "<ds:Object><?evil?></ds:Object>" + end),
                            replaced(good, end, "<ds:Evil>Pay 999</ds:Evil>" + end),
                            replaced(good, end, "<evil>Pay 999</evil>" + end),
                            replaced(good, "<ds:X509Data>", "EVIL<ds:X509Data>"),
                            replaced(good, "<ds:X509Data>", "<x>EVIL</x><ds:X509Data>"),
                            replaced(good, "</xades:QualifyingProperties>", unsigned_part)}) {
        expect(verified(xml), Verdict::indeterminate, Code::xml_unsigned_content);
    }
    expect(verified(replaced(good, "<ds:X509Data>", "<ds:KeyName>an</ds:KeyName><ds:X509Data>")),
           Verdict::valid);
}

TEST_F(XmlVerifierTest, SaysWhichElementsAreSigned) {
    EXPECT_EQ(verified(sign(plain)).signatures.at(0).elements, std::vector<std::string>());
    const auto one = verified(sign("<a><b Id=\"b\">1</b></a>", {"", "", "b"}));
    EXPECT_EQ(one.signatures.at(0).elements, std::vector<std::string>{"/a[1]/b[1]"});
}

TEST_F(XmlVerifierTest, AnInstructionThatNobodySignedIsTold) {
    const std::string style = "<?xml-stylesheet href=\"other.xsl\"?>";
    expect(verified(sign(style + plain)), Verdict::valid);
    auto added = sign(plain);
    added.insert(added.find("<a"), style);
    EXPECT_EQ(verified(added).verdict(), Verdict::invalid);
    auto inside = whole_report();
    inside.insert(inside.find("<GVBM"), style);
    expect(verified(inside), Verdict::indeterminate, Code::xml_unsigned_content);
    auto beside = whole_report();
    beside.insert(beside.find("<hocba"), style);
    expect(verified(beside), Verdict::indeterminate, Code::xml_unsigned_content);
}

TEST_F(XmlVerifierTest, APropertyIsThatWhichWasSigned) {
    // Others of the same name before it, unsigned.
    const auto one = sign(plain);
    const auto forged = replaced(
        one,
        "<ds:Object>",
        "<ds:Object><xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\">"
        "<xades:SignedProperties Id=\"p\"><xades:SignedSignatureProperties><xades:SigningTime>"
        "2001-01-01T00:00:00Z</xades:SigningTime></xades:SignedSignatureProperties>"
        "</xades:SignedProperties></xades:QualifyingProperties></ds:Object><ds:Object>");

    const auto report = verified(forged);

    const auto claimed = report.signatures.at(0).claimed_time_ms;
    ASSERT_TRUE(claimed);
    EXPECT_GT(*claimed, document::now_ms() - 600'000);
}

TEST_F(XmlVerifierTest, ASlotHoldsTheSignatureOfWhatItIsAbout) {
    const auto xml = sign(school_report, {"CHUKYDONVI", "", "hs1-toan"});
    const auto begin = xml.find("<ds:Signature");
    const auto end = xml.find("</ds:Signature>") + std::string_view("</ds:Signature>").size();
    const auto signature = xml.substr(begin, end - begin);
    auto without = xml;
    without.erase(begin, signature.size());

    for (const auto& [slot, verdict] :
         {std::pair{"GVCN", Verdict::invalid}, std::pair{"CBQL", Verdict::invalid}}) {
        const auto empty = "<" + std::string(slot) + "/>";
        const auto report = verified(replaced(
            without, empty, "<" + std::string(slot) + ">" + signature + "</" + slot + ">"));
        expect(report, verdict, Code::xml_slot_mismatch);
    }
}

TEST_F(XmlVerifierTest, IsAboutTheDocumentBesideIt) {
    const std::string content("\0\x01không phải XML", 18);
    const auto signature = sign_hash(content);

    const auto report = verified_beside(content, signature);
    expect(report, Verdict::valid);
    EXPECT_EQ(report.signatures.at(0).format, "XAdES");
    EXPECT_EQ(report.signatures[0].kind, SignatureKind::detached);
    expect(verified_beside(content + "x", signature), Verdict::invalid, Code::digest_mismatch);
    // A signature over itself says nothing of the document.
    expect(verified_beside(content, sign(plain)), Verdict::invalid, Code::xml_reference_unresolved);
    tests::support::write_file(judges_.folder() / "content.bin", content);
    EXPECT_EQ(xmlsec_complaint(signature), "");
}

TEST_F(XmlVerifierTest, ReadsNothingThatIsDangerous) {
    std::string deep;
    for (int i = 0; i < 100; ++i) {
        deep.insert(0, "<a>").append("</a>");
    }
    std::string crowded = "<a";
    std::string named = "<a";
    for (int i = 0; i < 300; ++i) {
        crowded += " b" + std::to_string(i) + "='>'";
        named += i < 100 ? " xmlns:n" + std::to_string(i) + "='urn:n'" : "";
    }
    std::string many = "<a>";
    for (std::size_t i = 0; i <= document::xml_elements_max; ++i) {
        many += "<b/>";
    }
    for (const auto& xml :
         {std::string("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
          std::string("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a/>"),
          std::string("<!DOCTYPE a [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><a>&b;</a>"),
          std::string("<a>&x;</a>"),
          std::string("<a>"),
          std::string("<a b='1' b='2'/>"),
          std::string("<a>\xff</a>"),
          deep,
          crowded + "/>",
          named + "/>",
          many + "</a>",
          std::string()}) {
        const auto report = verified(xml);
        EXPECT_NE(report.verdict(), Verdict::valid);
        EXPECT_TRUE(has(report.findings, Code::unreadable)) << names_of(report);
        EXPECT_EQ(try_sign(xml).error().kind, ErrorKind::invalid);
    }
    expect(verified(plain), Verdict::indeterminate, Code::no_signature);
}

TEST_F(XmlVerifierTest, AnyByteMayChangeAndItEndsWell) {
    const auto good = sign(plain);
    for (std::size_t at = 0; at < good.size(); at += 3) {
        for (const char with : {'A', '<', '&', '"', '\0'}) {
            auto xml = good;
            if (xml[at] == with) {
                continue;
            }
            xml[at] = with;
            const auto report = verified(xml);
            // What nothing signs: the Ids of the signature and its value, and names of prefixes.
            if (report.verdict() == Verdict::valid) {
                EXPECT_EQ(report.signatures.at(0).signer->name, "Nguyễn Văn A");
                EXPECT_NE(xml.find("<c>2</c>"), xml.npos) << at;
                EXPECT_NE(xml.find(">nội dung</b>"), xml.npos) << at;
            }
        }
    }
}

}  // namespace
}  // namespace cloudsign::verify
