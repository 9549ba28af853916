#include "tests/unit/cloudsign/document/corpus.h"

#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/document/site.h"

namespace cloudsign::document {
namespace {

using Files = std::vector<CorpusFile>;

void add(Files& files, const std::string& name, std::string pdf) {
    files.push_back({name, std::move(pdf), Fate::signed_, "", ""});
}

void add(Files& files, const std::string& name, const SamplePdf& sample) {
    add(files, name, sample_pdf(sample));
}

void refuse(Files& files, const std::string& name, std::string pdf, const std::string& words) {
    files.push_back({name, std::move(pdf), Fate::refused, words, ""});
}

void rewrite(Files& files, const std::string& name, std::string pdf, const std::string& words) {
    files.push_back({name, std::move(pdf), Fate::rewritten, words, ""});
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    text.replace(text.rfind(from), from.size(), to);
    return text;
}

void add_pages(Files& files) {
    const std::pair<const char*, const char*> sizes[] = {{"A0", "[0 0 2384 3370]"},
                                                         {"A3", "[0 0 842 1191]"},
                                                         {"A6", "[0 0 298 420]"},
                                                         {"Letter", "[0 0 612 792]"},
                                                         {"Landscape", "[0 0 842 595]"},
                                                         {"OffOrigin", "[-100 -50 495 792]"},
                                                         {"Fractions", "[0 0 595.276 841.89]"},
                                                         {"CornersSwapped", "[595 842 0 0]"}};
    for (const auto& [name, box] : sizes) {
        SamplePdf sample;
        sample.media_box = box;
        add(files, name, sample);
    }
    for (const int rotation : {90, 180, 270, -90, 450}) {
        SamplePdf sample;
        sample.page_extra = "/Rotate " + std::to_string(rotation);
        const auto name = (rotation < 0 ? "RotatedMinus" : "Rotated") +
                          std::to_string(rotation < 0 ? -rotation : rotation);
        add(files, name, sample);
        sample.page_extra += " /CropBox [40 60 500 700]";
        add(files, name + "Cropped", sample);
        add(files, name + "Stream", stream_pdf(sample_pdf(sample)));
    }
    SamplePdf cropped;
    cropped.page_extra = "/CropBox [-100 -100 300 1000]";
    add(files, "CroppedBeyondThePaper", cropped);
    for (const int pages : {2, 17, 300, 2000}) {
        SamplePdf sample;
        sample.pages = pages;
        add(files, "Pages" + std::to_string(pages), sample);
    }
}

void add_kinds(Files& files) {
    SamplePdf several;
    several.pages = 5;
    const auto pdf = sample_pdf(several);
    add(files, "ObjectStreams", stream_pdf(pdf));
    add(files, "Linearised", rewritten_pdf(pdf, [](QPDFWriter& writer) {
            writer.setLinearization(true);
        }));
    add(files, "LinearisedObjectStreams", rewritten_pdf(pdf, [](QPDFWriter& writer) {
            writer.setLinearization(true);
            writer.setObjectStreamMode(qpdf_o_generate);
        }));
    add(files, "Qdf", rewritten_pdf(pdf, [](QPDFWriter& writer) { writer.setQDFMode(true); }));
    add(files, "Uncompressed", rewritten_pdf(pdf, [](QPDFWriter& writer) {
            writer.setCompressStreams(false);
            writer.setObjectStreamMode(qpdf_o_generate);
        }));
    for (const auto* version : {"1.3", "1.4", "1.5", "1.6", "2.0"}) {
        add(files,
            "Version" + std::string(version, 1) + "_" + (version + 2),
            rewritten_pdf(pdf, [&](QPDFWriter& writer) { writer.forcePDFVersion(version); }));
    }
    SamplePdf info;
    info.objects = "100 0 obj\n<< /Title <FEFF1EA4> >>\nendobj\n";
    add(files, "WithInfo", replaced(sample_pdf(info), "/Root", "/Info 100 0 R /Root"));
    add(files, "WithId", replaced(sample_pdf(), "/Root", "/ID [<00> <01>] /Root"));
    add(files, "WithIdOfOneHalf", replaced(sample_pdf(), "/Root", "/ID [<00>] /Root"));
    add(files, "BytesBehindTheEnd", sample_pdf() + "\n\n");
    add(files, "NoNewlineAtTheEnd", sample_pdf().substr(0, sample_pdf().size() - 1));
    add(files, "CommentsBetween", [] {
        SamplePdf sample;
        sample.objects = "% Lời bình\n100 0 obj\nnull\nendobj\n";
        return sample_pdf(sample);
    }());
}

void add_forms(Files& files) {
    const auto with = [&](const std::string& name,
                          const std::string& catalog,
                          const std::string& page,
                          const std::string& objects) {
        SamplePdf sample;
        sample.catalog_extra = catalog;
        sample.page_extra = page;
        sample.objects = objects;
        add(files, name, sample);
        add(files, name + "Stream", stream_pdf(sample_pdf(sample)));
    };
    const std::string text_field =
        "100 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Tx /T (Name) /V (An) /Rect [72 600 200 "
        "620] "
        "/P 4 0 R >>\nendobj\n";
    with("FormInCatalog", "/AcroForm << /Fields [100 0 R] >>", "/Annots [100 0 R]", text_field);
    with("FormOfItsOwn",
         "/AcroForm 101 0 R",
         "/Annots 102 0 R",
         text_field +
             "101 0 obj\n<< /Fields 103 0 R >>\nendobj\n102 0 obj\n[100 0 R]\nendobj\n"
             "103 0 obj\n[100 0 R]\nendobj\n");
    with("FieldsInATree",
         "/AcroForm << /Fields [101 0 R] >>",
         "/Annots [100 0 R]",
         "100 0 obj\n<< /Type /Annot /Subtype /Widget /T (Given) /Parent 101 0 R /Rect [72 600 200 "
         "620] >>\nendobj\n101 0 obj\n<< /T (Name) /FT /Tx /Kids [100 0 R] >>\nendobj\n");
    with("AnnotationInThePage",
         "",
         "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] >>]",
         "");
    with("EmptyAnnotations", "", "/Annots []", "");
    with("Outlines",
         "/Outlines 100 0 R /PageMode /UseOutlines",
         "",
         "100 0 obj\n<< /Type /Outlines /Count 0 >>\nendobj\n");
    with("NameTakenByATree",
         "/AcroForm << /Fields [100 0 R] >>",
         "",
         "100 0 obj\n<< /T (Signature1) /Kids [101 0 R] >>\nendobj\n"
         "101 0 obj\n<< /T (x) /FT /Tx /Parent 100 0 R >>\nendobj\n");
    refuse(files,
           "Xfa",
           replaced(sample_pdf(), "/Type /Catalog", "/Type /Catalog /AcroForm << /XFA [] >>"),
           "XFA");
}

std::string with_empty_field() {
    SamplePdf sample;
    sample.catalog_extra = "/AcroForm << /Fields [100 0 R] >>";
    sample.page_extra = "/Annots [100 0 R]";
    sample.objects =
        "100 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Sig /T (Approval) /F 132 /P 4 0 R "
        "/Rect [300 100 500 160] >>\nendobj\n";
    return sample_pdf(sample);
}

void add_signed(Files& files) {
    auto& others = site().binh;
    PdfSignature certifying;
    certifying.certification = Certification::fields_only;
    const auto certified = *others.sign(with_empty_field(), certifying);
    add(files, "SignedByAnother", *others.sign(sample_pdf()));
    add(files, "SignedByAnotherOnAStream", *others.sign(stream_pdf(sample_pdf())));
    add(files, "SignedThrice", *others.sign(*others.sign(*others.sign(sample_pdf()))));
    files.push_back({"EmptyField", with_empty_field(), Fate::signed_, "", "Approval"});
    files.push_back({"CertifiedWithAField", certified, Fate::signed_, "", "Approval"});
    refuse(files, "CertifiedWithoutNamingAField", certified, "name an empty signature field");
    refuse(files,
           "CertifiedForbiddingAll",
           replaced(certified, "/P 2", "/P 1"),
           "forbids every change");
    refuse(files,
           "SignedAndTruncated",
           others.sign(sample_pdf())->substr(0, others.sign(sample_pdf())->size() - 300),
           "cannot be repaired");
    SamplePdf hybrid;
    hybrid.objects = "110 0 obj\n<< /Type /Sig /ByteRange [0 1 2 3] >>\nendobj\n";
    refuse(files, "SignedHybrid", hybrid_pdf(hybrid), "cannot be rewritten");
}

void add_damaged(Files& files) {
    const auto good = sample_pdf();
    rewrite(files, "Hybrid", hybrid_pdf(SamplePdf()), "hybrid");
    rewrite(files, "NoEnd", good.substr(0, good.rfind("startxref")), "repaired");
    refuse(files, "NeitherTableNorTrailer", good.substr(0, good.rfind("xref\n0 1")), "damaged");
    rewrite(files, "StartElsewhere", replaced(good, "startxref\n", "startxref\n9"), "repaired");
    auto another_place = good;
    auto& digit = another_place[another_place.rfind(" 00000 n \ntrailer") - 1];
    digit = digit == '9' ? '8' : '9';
    rewrite(files, "TableSaysAnotherPlace", another_place, "repaired");
    refuse(files,
           "TableSaysAnotherGeneration",
           replaced(good, "00000 n \ntrailer", "00001 n \ntrailer"),
           "page tree");
    rewrite(files, "BytesInserted", replaced(good, "3 0 obj", "% inserted\n3 0 obj"), "repaired");
    refuse(files, "OnlyAHead", "%PDF-1.7\n%%EOF\n", "damaged");
    refuse(files, "NoPage", replaced(good, "/Kids [4 0 R ]", "/Kids []      "), "no page");
    refuse(files, "JunkBeforeTheHead", "junk\n" + good, "does not begin");
    refuse(files, "NoPdf", "PK\x03\x04", "no PDF");
    refuse(files, "Empty", "", "no PDF");
    for (const bool is_open : {true, false}) {
        const auto* user = is_open ? "" : "secret";
        refuse(files,
               is_open ? "EncryptedAes256Owner" : "EncryptedAes256",
               rewritten_pdf(
                   good,
                   [&](QPDFWriter& writer) {
                       writer.setR6EncryptionParameters(
                           user, "owner", true, true, true, true, true, true, qpdf_r3p_full, true);
                   }),
               "encrypted");
        refuse(
            files,
            is_open ? "EncryptedRc4Owner" : "EncryptedRc4",
            rewritten_pdf(good,
                          [&](QPDFWriter& writer) {
                              writer.setR3EncryptionParametersInsecure(
                                  user, "owner", true, true, true, true, true, true, qpdf_r3p_full);
                          }),
            "encrypted");
    }
}

}  // namespace

std::vector<CorpusFile> corpus() {
    Files files;
    add_pages(files);
    add_kinds(files);
    add_forms(files);
    add_signed(files);
    add_damaged(files);
    return files;
}

}  // namespace cloudsign::document
