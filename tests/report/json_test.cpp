/// The document for programs: what stands in it, and that docs/knell.schema.json says so.

#include "knell/report/json.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "arbitrary.hpp"
#include "schema.hpp"

namespace knell::report {
namespace {

using namespace knell::samples;
using Json = nlohmann::ordered_json;

Json parsed(const plan::Forecast& forecast, const plan::Verdict* verdict = nullptr) {
  return Json::parse(json(forecast, verdict));
}

TEST(Json, OfAPlanHasNothingOfAnOutcome) {
  const Json document = parsed(web_server());
  EXPECT_EQ(document["schema"], "knell/1");
  EXPECT_EQ(document["plan"]["steps"][0],
            Json::parse(R"({"signal": "TERM", "number": 15, "wait_milliseconds": 10000})"));
  for (const char* member : {"outcome", "survivors", "unforeseen", "freed", "verdict"})
    EXPECT_TRUE(document.at(member).is_null()) << member;
}

TEST(Json, OfAProcessTellsWhatWasNotRead) {
  plan::Forecast forecast = web_server();
  plan::ProcessForecast& web = forecast.processes[0];
  EXPECT_TRUE(parsed(forecast)["plan"]["processes"][0]["private_bytes"].is_null());
  web.known = Known::memory | Known::names | Known::status | Known::files;
  web.private_bytes = 0;
  web.uid = Uid(33);
  const Json process = parsed(forecast)["plan"]["processes"][0];
  EXPECT_EQ(process["private_bytes"], 0);
  EXPECT_EQ(process["uid"], 33);
  EXPECT_EQ(process["start_ticks"], 42'420);
}

TEST(Json, OfAnEndTellsSignalOrStatus) {
  const plan::Verdict verdict = one_of_each();
  const Json document = parsed(web_server(), &verdict);
  const Json& outcome = document["outcome"];
  EXPECT_EQ(outcome[0]["signal"], "TERM");
  EXPECT_TRUE(outcome[0]["status"].is_null());
  EXPECT_EQ(outcome[0]["milliseconds"], 12.0);
  EXPECT_TRUE(outcome[1]["signal"].is_null());
  EXPECT_EQ(outcome[1]["status"], 0);
  EXPECT_EQ(outcome[2]["fate"], "survived");
  EXPECT_TRUE(outcome[2]["milliseconds"].is_null());
  EXPECT_EQ(outcome[5]["core_dumped"], true);
  EXPECT_EQ(document["survivors"][0]["pid"], 4244);
  EXPECT_EQ(document["survivors"][1]["fate"], "not_permitted");
  EXPECT_EQ(document["freed"]["bytes"], 3'328'599'655);
  EXPECT_EQ(document["verdict"]["exit"], 4);
  EXPECT_EQ(document["verdict"]["text"],
            "Survived: 1 of 6 (4244 stubborn); not permitted: 1 (4245 daemon); gone: 4 in 15.2 s.");
}

TEST(Json, TellsHowMuchMemoryCameBackAndWhen) {
  plan::Verdict verdict = one_of_each();
  const plan::Forecast forecast = web_server();
  EXPECT_EQ(parsed(forecast, &verdict)["freed"]["after_milliseconds"], nullptr);
  verdict.outcome.freed = {plan::Freed::Source::cgroup, 1 << 20, 72'500us};
  verdict.outcome.released = {id(4242)};
  verdict.outcome.thawed_groups = {"/sys/fs/cgroup/freezer/b"};
  const Json document = parsed(forecast, &verdict);
  EXPECT_EQ(document["freed"]["source"], "cgroup");
  EXPECT_EQ(document["freed"]["bytes"], 1 << 20);
  EXPECT_EQ(document["freed"]["after_milliseconds"], 72.5);
  EXPECT_EQ(document["verdict"]["released"][0]["pid"], 4242);
  EXPECT_EQ(document["verdict"]["thawed_groups"], Json({"/sys/fs/cgroup/freezer/b"}));
}

TEST(Json, KeepsNamesThatAreUtf8Exactly) {
  plan::Forecast forecast = web_server();
  forecast.processes[0].name = "m\u00f6b\\el\n\x1b[2J\u202e";
  const Json process = parsed(forecast)["plan"]["processes"][0];
  EXPECT_EQ(process["name"], forecast.processes[0].name);
  EXPECT_FALSE(process.contains("name_hex"));
}

TEST(Json, GivesTheBytesOfNamesThatAreNot) {
  plan::Forecast forecast = web_server();
  forecast.processes[0].name = "a\xff\\";
  const Json process = parsed(forecast)["plan"]["processes"][0];
  EXPECT_EQ(process["name"], R"(a\xff\\)");
  EXPECT_EQ(process["name_hex"], "61ff5c");
}

TEST(Json, IsAsciiWithoutControlsWhateverTheNames) {
  EXPECT_TRUE(rc::check("and it parses", [] {
    const plan::Forecast forecast = any_forecast();
    const plan::Verdict verdict = any_verdict(forecast);
    const std::string document = json(forecast, &verdict);
    RC_ASSERT(document.back() == '\n');
    for (char byte : document) RC_ASSERT(byte == '\n' || (byte >= 0x20 && byte < 0x7f));
    RC_ASSERT(Json::accept(document));
  }));
}

/// Documents with every enumerator, every list empty and not, every null and its value.
std::vector<std::string> documents() {
  plan::Forecast full = web_server();
  for (int effect = 0; effect <= static_cast<int>(Effect::waits); ++effect)
    full.processes.push_back(process(600 + effect, "e", {static_cast<Effect>(effect)}));
  for (char state : {'R', 'S', 'D', 'T', 't', 'I', 'Z', 'X', '-'}) {
    plan::ProcessForecast made = process(700 + state, "s", {Effect::dies});
    made.state = static_cast<TaskState>(state);
    made.known = Known::names | Known::memory | Known::files | Known::status;
    made.command = "bad \xfe\xff";
    full.processes.push_back(made);
  }
  using Kind = plan::Restarter::Kind;
  for (Kind kind : {Kind::trigger, Kind::container, Kind::supervisor})
    full.restarters.push_back({kind, "bad \xff", "how\xff", id(9)});
  using Reason = plan::Spared::Reason;
  for (Reason reason : {Reason::knell_itself, Reason::init, Reason::kernel_thread})
    full.spared.push_back({id(1), "\x1b\xff", reason});
  for (Protocol protocol : {Protocol::tcp6, Protocol::udp, Protocol::udp6, Protocol::unix_stream}) {
    full.connections.push_back({protocol, "@\xff", 1, "\xff", 2, id(4242)});
    full.ports.push_back({protocol, "@\xff", 1, id(4242), {id(3)}, {}});
  }
  for (int type = 0; type <= static_cast<int>(FileLock::Type::other); ++type)
    full.locks.push_back({{.type = static_cast<FileLock::Type>(type)}, "/\xff", id(4242)});
  full.locks.push_back({{}, "", id(4242)});
  full.unread.push_back({"memory", 0, 0});
  full.steps.push_back({Signal(37), 0s});  // RTMIN+3
  full.steps.push_back({Signal(33), 0s});  // has no name
  plan::Verdict verdict = one_of_each();
  verdict.outcome.processes.push_back(living(9, "\xff", Fate::unknown, "why\xff"));
  verdict.outcome.processes.back().tie = "session 3";
  verdict.outcome.freed.after = 72ms;
  verdict.outcome.killed_groups = verdict.outcome.thawed_groups = {"bad \xff"};
  verdict.outcome.released = {id(9)};

  plan::Forecast summary;
  summary.summary_only = true;
  plan::Verdict nothing;
  nothing.exit = plan::Exit::no_match;
  nothing.outcome.freed.source = plan::Freed::Source::cgroup;
  return {json(full, &verdict), json(full, nullptr), json(summary, nullptr),
          json(summary, &nothing)};
}

class Schema : public samples::Schema {
protected:
  Schema() : samples::Schema("knell.schema.json") {}
};

TEST_F(Schema, DescribesEveryDocument) {
  EXPECT_EQ(check("plain", documents()), "ok 0\n");
}

TEST_F(Schema, DescribesDocumentsWithAnyNames) {
  std::vector<std::string> all;
  EXPECT_TRUE(rc::check("made", [&] {
    const plan::Forecast forecast = any_forecast();
    const plan::Verdict verdict = any_verdict(forecast);
    all.push_back(json(forecast, &verdict));
  }));
  all.resize(std::min<std::size_t>(all.size(), 20));  // Python takes its time
  EXPECT_EQ(check("plain", all), "ok 0\n");
}

TEST_F(Schema, RefusesADocumentWithAMemberTakenAddedOrOfAnotherType) {
  plan::Forecast forecast = web_server();
  forecast.processes.erase(forecast.processes.begin() + 2, forecast.processes.end());
  forecast.ports.erase(forecast.ports.begin());
  forecast.ports[0].kept_by.resize(1);
  forecast.restarters[0].process = id(5);
  plan::Verdict verdict = one_of_each();
  verdict.outcome.processes = {verdict.outcome.processes[3]};  // the zombie, with its parent
  verdict.survivors = {0};
  const std::string said = check("mutate", {json(forecast, &verdict)});
  ASSERT_TRUE(said.starts_with("ok ")) << said;
  EXPECT_GT(std::stoi(said.substr(3)), 300) << said;
}

}  // namespace
}  // namespace knell::report
