#include <gtest/gtest.h>

#include "tests/unit/cloudsign/verify/attacker.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

// Later increments that readers follow differently: whoever made one shows other people another
// text than the verifier reads. None of them is ever valid, and none is carried further by us.
namespace cloudsign::verify {
namespace {

using document::hybrid_pdf;
using document::sample_pdf;
using document::SamplePdf;
using evidence::site;

constexpr int catalog = 1;
constexpr int content = 3;
constexpr int page = 4;

// What the attacker puts in the place of a signed object; object 900 is theirs.
std::string replacement_of(int number) {
    switch (number) {
        case catalog:
            return "<< /Type /Catalog /Pages 905 0 R >>";
        case page:
            return "<< /Type /Page /Parent 2 0 R /Contents 900 0 R >>";
        default:
            return stream_of("BT /F1 18 Tf 72 720 Td (Contract no. 9) Tj ET");
    }
}

const std::string& good_pdf() {
    static const std::string pdf = [] {
        auto made = *site().an.sign(sample_pdf());
        EXPECT_FALSE(site().raise(made, evidence::Level::lt).missed);
        return made;
    }();
    return pdf;
}

class StructureTest : public VerifyTest {
protected:
    // Neither believed, nor extended into what would be.
    void expect_unproven(const std::string& pdf) {
        const auto report = verified(pdf);
        EXPECT_NE(report.verdict(), Verdict::valid) << names_of(report);
        auto more = pdf;
        const auto raised = site().raise(more, evidence::Level::lta);
        EXPECT_TRUE(raised.missed) << "it was extended";
        EXPECT_TRUE(more == pdf);
    }
    // It can be seen that the file is not whole, not only that something is unknown of somebody.
    void expect_named(const std::string& pdf) {
        expect_unproven(pdf);
        const auto report = verified(pdf);
        SCOPED_TRACE(pdf.substr(good_pdf().size()));
        EXPECT_TRUE(found(report, Code::changed_after_signing) ||
                    found(report, Code::changes_unknown) ||
                    found(report, Code::update_unreadable) || found(report, Code::unreadable) ||
                    found(report, Code::no_signature))
            << names_of(report);
    }
};

TEST_F(StructureTest, TheFileItselfIsValid) {
    expect(verified(good_pdf()), Verdict::valid);
    for (const auto form : {Form::table, Form::stream}) {
        const auto harmless =
            appended(good_pdf(), {{{.number = 900, .body = stream_of("unused")}}, form});
        expect(verified(harmless), Verdict::valid);
    }
}

// ---- another generation

struct Generation {
    Form form;
    int number;
    int generation;
    bool has_own_head;
    bool is_at_zero;
};

class AnotherGeneration : public StructureTest, public testing::WithParamInterface<Generation> {};

TEST_P(AnotherGeneration, IsNeverValid) {
    const auto& [form, number, generation, has_own_head, is_at_zero] = GetParam();
    Placed row{.number = number, .generation = generation, .body = replacement_of(number)};
    row.head =
        std::to_string(number) + (has_own_head ? " " + std::to_string(generation) : " 0") + " obj";
    if (is_at_zero) {
        row.offset = 0;
    }

    expect_named(
        appended(good_pdf(), {{row, {.number = 900, .body = stream_of("0 0 9 9 re f")}}, form}));
}

std::vector<Generation> generations() {
    std::vector<Generation> all;
    for (const auto form : {Form::table, Form::stream}) {
        for (const int number : {catalog, content, page}) {
            for (const int generation : {1, 2, 65534, 65535}) {
                for (const bool has_own_head : {false, true}) {
                    for (const bool is_at_zero : {false, true}) {
                        all.push_back({form, number, generation, has_own_head, is_at_zero});
                    }
                }
            }
        }
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Each, AnotherGeneration, testing::ValuesIn(generations()));

// First freed, as it should be, then taken again under the next generation: two readings remain.
TEST_F(StructureTest, ANumberFreedAndTakenAgain) {
    const auto freed =
        appended(good_pdf(), {{{.number = content, .generation = 1, .is_free = true}}});

    expect_named(freed);
    expect_named(
        appended(freed, {{{.number = content, .generation = 1, .body = replacement_of(content)}}}));
}

// Who goes by the number alone finds an object that the signed file only seemed to lack.
TEST_F(StructureTest, AReferenceToAnotherGeneration) {
    SamplePdf sample;
    sample.page_extra = "/Hidden 100 0 R";
    sample.objects = "100 0 obj\n<< /X 700 1 R /Y 701 0 R >>\nendobj\n";
    const auto good = whole_pdf(sample);

    expect(verified(good), Verdict::valid);
    expect_named(appended(good, {{{.number = 700, .body = stream_of("0 0 9 9 re f")}}}));
    expect_named(
        appended(good, {{{.number = 701, .generation = 1, .body = stream_of("0 0 9 9 re f")}}}));
}

// ---- rows that contradict each other or the file

TEST_F(StructureTest, RowsThatAreAmbiguous) {
    const Placed evil{.number = content, .body = replacement_of(content)};
    const auto old = good_pdf().find("3 0 obj");
    for (const auto form : {Form::table, Form::stream}) {
        const Placed same{.number = content, .offset = old};
        expect_named(appended(good_pdf(), {{evil, same}, form}));
        expect_named(appended(good_pdf(), {{same, evil}, form}));
        expect_named(appended(good_pdf(), {{evil, {.number = content, .is_free = true}}, form}));
        expect_named(appended(good_pdf(), {{{.number = content, .is_free = true}, evil}, form}));
        expect_named(appended(
            good_pdf(),
            {{{.number = content, .body = replacement_of(content), .head = "99 0 obj"}}, form}));
        expect_named(appended(good_pdf(), {{{.number = content, .offset = 1u << 30}}, form}));
        expect_named(appended(good_pdf(), {{{.number = content, .is_free = true}}, form}));
        // A number without an object, in a place that holds another one.
        expect_named(appended(good_pdf(), {{{.number = 800, .offset = old}}, form}));
        expect_named(appended(good_pdf(), {{{.number = 0, .body = "null"}}, form}));
    }
}

// Some readers take a section that begins with a free object 1 as one that begins with object 0.
TEST_F(StructureTest, RowsThatAreOffByOne) {
    auto pdf = appended(good_pdf(),
                        {{{.number = 1, .generation = 65535, .is_free = true},
                          {.number = 2, .body = "<< >>"},
                          {.number = content, .body = replacement_of(content)}}});
    for (const auto* head : {"\n2 1\n", "\n3 1\n"}) {
        pdf.erase(pdf.rfind(head) + 1, 4);
    }
    pdf.replace(pdf.rfind("\n1 1\n"), 5, "\n1 3\n");

    expect_named(pdf);
}

TEST_F(StructureTest, RowsOfAnotherWidth) {
    const auto pdf = appended(good_pdf(), {{{.number = 900, .body = "null"}}});
    expect(verified(pdf), Verdict::valid);

    expect_named(with_last(pdf, " 00000 n \n", " 00000 n\n"));
    expect_named(with_last(pdf, " 00000 n \n", " 00000 n  \n"));
    expect_named(with_last(pdf, " 00000 n \n", " 00000 m \n"));
    expect_named(with_last(pdf, "900 1\n", "900 2\n"));
}

// ---- the chain of sections

TEST_F(StructureTest, AChainThatGoesElsewhere) {
    const Placed evil{.number = content, .body = replacement_of(content)};
    const auto first_start = sample_pdf().find("\nxref\n") + 1;
    const auto harmless = appended(good_pdf(), {{{.number = 900, .body = "null"}}});
    for (const auto form : {Form::table, Form::stream}) {
        Section section{{evil}, form};
        section.previous = first_start;
        expect_named(appended(good_pdf(), section));
        section.previous = good_pdf().size() + 1;
        expect_named(appended(good_pdf(), section));
        section.previous.reset();
        // Backwards: what is behind belongs to nothing.
        section.start = last_start(good_pdf());
        expect_named(appended(good_pdf(), section));
        section.start = first_start;
        expect_named(appended(good_pdf(), section));
        // The second of two names the signed one again, past the first.
        Section second{{{.number = 901, .body = "null"}}, form};
        second.previous = last_start(good_pdf());
        expect_named(appended(harmless, second));
    }
    const auto pdf = appended(good_pdf(), {{evil}});
    expect_named(with_last(pdf, "/Prev ", "/Prev 1 0 R /Old "));
    expect_named(with_last(pdf, "/Prev ", "/Prev 0.5 /Old "));
    expect_named(with_last(pdf, "/Prev ", "/Prev -1 /Old "));
    const auto at = std::to_string(last_start(pdf));
    expect_named(with_last(pdf, "/Prev " + std::to_string(last_start(good_pdf())), "/Prev " + at));
}

TEST_F(StructureTest, TrailersThatDiffer) {
    const Placed more{.number = 900, .body = "<< /Type /Catalog /Pages 2 0 R >>"};
    for (const auto form : {Form::table, Form::stream}) {
        for (const auto* trailer : {"/Root 900 0 R",
                                    "/Root 1 1 R",
                                    "/Root 1 0 R /Root 900 0 R",
                                    "/Root 900 0 R /Root 1 0 R",
                                    "",
                                    "/Root 1 0 R /Encrypt << /Filter /Standard >>",
                                    "/Root 1 0 R /Encrypt 900 0 R",
                                    "/Root 1 0 R /Size 3",
                                    "/Root 1 0 R /Prev 5"}) {
            Section section{{more}, form};
            section.trailer = trailer;
            expect_named(appended(good_pdf(), section));
        }
    }
}

// A stream beside the table, which only some readers follow.
TEST_F(StructureTest, AHybridSection) {
    const auto stream = appended(
        good_pdf(), {{{.number = content, .body = replacement_of(content)}}, Form::stream});
    const auto at = last_start(stream);
    auto pdf = stream.substr(0, stream.rfind("startxref"));
    const auto start = pdf.size();
    pdf += "xref\n0 0\ntrailer\n<< /Size 950 /Root 1 0 R /Prev " +
           std::to_string(last_start(good_pdf())) + " /XRefStm " + std::to_string(at) +
           " >>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";

    expect_named(pdf);
}

TEST_F(StructureTest, BytesOfNoObject) {
    const auto hidden = "3 0 obj\n" + replacement_of(content) + "\nendobj\n";
    const Placed more{.number = 900, .body = "null"};
    for (const auto form : {Form::table, Form::stream}) {
        Section section{{more}, form};
        section.before = hidden;
        expect_named(appended(good_pdf(), section));
        section.before = "%iText 7\n";
        expect(verified(appended(good_pdf(), section)), Verdict::valid);
        section.before = "<script>";
        expect_named(appended(good_pdf(), section));
        section.before.clear();
        section.between = hidden;
        expect_named(appended(good_pdf(), section));
        section.between = "% a comment\n";
        expect(verified(appended(good_pdf(), section)), Verdict::valid);
        section.between = "trailer << /Root 900 0 R >>\n";
        expect_named(appended(good_pdf(), section));
    }
    const auto pdf = appended(good_pdf(), {{more}});
    expect_unproven(with_last(pdf, "%%EOF", "x %%EOF"));
    expect_unproven(with_last(pdf, "startxref", "startxref 5 startxref"));
}

TEST_F(StructureTest, AnObjectThatCanBeReadTwice) {
    const auto twice = "<< /Type /Page /Parent 2 0 R /Contents 3 0 R /Contents 900 0 R >>";

    expect_named(appended(
        good_pdf(),
        {{{.number = page, .body = twice}, {.number = 900, .body = stream_of("0 0 9 9 re f")}}}));
}

// ---- objects in streams

// The number of an object stream's own object.
constexpr int container = 910;

std::string with_container(const std::string& body, std::vector<Placed> rows) {
    rows.push_back({.number = container, .body = body});
    return appended(good_pdf(), {std::move(rows), Form::stream});
}

Placed in_container(int number, int index) {
    return {.number = number, .generation = container, .index = index};
}

TEST_F(StructureTest, AnObjectStreamThatIsWhole) {
    expect(verified(with_container(packed({{900, "null"}, {901, "<< >>"}}),
                                   {in_container(900, 0), in_container(901, 1)})),
           Verdict::valid);
}

TEST_F(StructureTest, AnObjectStreamThatContradictsItself) {
    const std::string old = "<< /Type /Pages /Kids [4 0 R ] /Count 1 /MediaBox [0 0 595 842] >>";
    const std::string other = "<< /Type /Pages /Kids [906 0 R ] /Count 1 >>";
    for (const bool is_old_last : {false, true}) {
        const auto& first = is_old_last ? other : old;
        const auto& second = is_old_last ? old : other;
        for (const int index : {0, 1}) {
            expect_named(
                with_container(packed({{2, first}, {2, second}}), {in_container(2, index)}));
        }
        expect_named(with_container(packed({{2, first}, {901, second}}), {in_container(2, 1)}));
    }
    expect_named(with_container(packed({{2, old}}), {in_container(2, 1)}));
    expect_named(with_container(packed({{2, old}}), {in_container(2, 65535)}));
    expect_named(with_container(packed({{900, old}}), {in_container(2, 0)}));
    // Two names for one place.
    auto overlapping = packed({{2, old}, {901, other}});
    const auto at = overlapping.find(" 901 ") + 5;
    overlapping.replace(at, overlapping.find(' ', at) - at, std::string("00"));
    expect_named(with_container(overlapping, {in_container(2, 0), in_container(901, 1)}));
    const auto good = packed({{2, old}, {901, "null"}});
    for (const auto& [from, to] : {std::pair("/N 2", "/N 1"),
                                   std::pair("/N 2", "/N 3"),
                                   std::pair("/N 2", "/N -1"),
                                   std::pair("/N 2", "/N 2.0"),
                                   std::pair("/First ", "/First 9"),
                                   std::pair("/Type /ObjStm", "/Type /Other")}) {
        expect_named(
            with_container(with_last(good, from, to), {in_container(2, 0), in_container(901, 1)}));
    }
}

TEST_F(StructureTest, ObjectsThatMoveInAndOutOfStreams) {
    // What was written out lies in a stream now, and says something else.
    expect_named(with_container(
        packed({{page, "<< /Type /Page /Parent 2 0 R /Contents 900 0 R >>"}}),
        {in_container(page, 0), {.number = 900, .body = stream_of("0 0 9 9 re f")}}));
    // The same, saying the same: nothing is changed.
    const auto kept = with_container(
        packed({{2, "<< /Type /Pages /Kids [4 0 R ] /Count 1 /MediaBox [0 0 595 842] >>"}}),
        {in_container(2, 0)});
    expect(verified(kept), Verdict::valid);
    // And out again.
    expect_named(
        appended(kept, {{{.number = 2, .body = "<< /Type /Pages /Kids [906 0 R] /Count 1 >>"}}}));
    // Two sections that put it into two streams.
    const auto once = with_container(packed({{900, "null"}}), {in_container(900, 0)});
    Section again{{{.number = 900, .generation = 911, .index = 0},
                   {.number = 911, .body = packed({{900, "<< >>"}})}},
                  Form::stream};
    expect(verified(appended(once, again)), Verdict::valid);
    // A stream that is free, that is none, that is in a stream.
    expect_named(appended(good_pdf(), {{in_container(2, 0)}, Form::stream}));
    Section nested{{{.number = 2, .generation = 912, .index = 0},
                    in_container(912, 0),
                    {.number = container, .body = packed({{912, "<< >>"}})}},
                   Form::stream};
    expect_named(appended(good_pdf(), nested));
    Section of_another{{{.number = 2, .generation = content, .index = 0}}, Form::stream};
    expect_named(appended(good_pdf(), of_another));
}

// Such a stream stays where it is while another revision changes how it is read: it is never
// signed.
TEST_F(StructureTest, AnObjectStreamThatRefersToHowItIsRead) {
    const auto body = packed({{2, "<< /Type /Pages /Kids [4 0 R ] /Count 1 >>"}});
    const auto at = body.find("/First ") + 7;
    auto referring = body;
    referring.replace(at, body.find(' ', at) - at, "920 0 R");
    Section section{{in_container(2, 0),
                     {.number = container, .body = referring},
                     {.number = 920, .body = body.substr(at, body.find(' ', at) - at)}},
                    Form::stream};

    EXPECT_FALSE(site().an.sign(appended(sample_pdf(), section)));
    expect_named(appended(good_pdf(), section));
}

}  // namespace
}  // namespace cloudsign::verify
