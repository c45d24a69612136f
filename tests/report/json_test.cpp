/// The document for programs: what stands in it, and that docs/knell.schema.json says so.

#include "knell/report/json.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "arbitrary.hpp"

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

  plan::Forecast summary;
  summary.summary_only = true;
  plan::Verdict nothing;
  nothing.exit = plan::Exit::no_match;
  nothing.outcome.freed.source = plan::Freed::Source::cgroup;
  return {json(full, &verdict), json(full, nullptr), json(summary, nullptr),
          json(summary, &nothing)};
}

/// A folder of the test's own, gone with it.
class Folder {
public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "knell-json-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string put(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = path_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

private:
  std::filesystem::path path_;
};

struct Ran {
  int status = -1;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  for (int byte = 0; (byte = std::fgetc(pipe)) != EOF;) ran.output += static_cast<char>(byte);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) ran.status = WEXITSTATUS(status);
  return ran;
}

/// Says "ok" for documents the schema takes, and its reason otherwise. With "mutate" as the second
/// argument: takes each member away, adds one beside it, and gives it a value of no type that any
/// member has, one at a time; says which of these the schema takes all the same.
constexpr const char* kChecker = R"py(
import copy, json, sys
from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)

def places(value, path=()):
    if isinstance(value, dict):
        for key in value:
            yield path, key
            yield from places(value[key], path + (key,))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, path + (i,))

def at(document, path):
    for step in path:
        document = document[step]
    return document

def mutants(document):
    for path, key in list(places(document)):
        parent = at(document, path)
        kept = parent[key]
        if not key.endswith('_hex'):
            del parent[key]
            yield 'without', path + (key,)
            parent[key] = kept
        parent[key] = {'of': 'no type'}
        yield 'wrong type of', path + (key,)
        parent[key] = kept
        parent['surprise'] = 1
        yield 'surprise beside', path + (key,)
        del parent['surprise']

tried = 0
for name in sys.argv[3:]:
    document = json.load(open(name))
    if sys.argv[2] == 'mutate':
        for what, path in mutants(document):
            tried += 1
            if validator.is_valid(document):
                print('takes', what, *path)
    else:
        for error in validator.iter_errors(document):
            print(list(error.absolute_path), error.message[:300])
print('ok', tried)
)py";

class Schema : public testing::Test {
protected:
  void SetUp() override {
    for (const char* python : {"python3", "/usr/bin/python3"})
      if (python_.empty() && run(std::string(python) + " -c 'import jsonschema'").status == 0)
        python_ = python;
    if (python_.empty()) GTEST_SKIP() << "needs Debian's python3-jsonschema";
    checker_ = folder_.put("check.py", kChecker);
  }

  [[nodiscard]] std::string check(const std::string& mode, const std::vector<std::string>& all) {
    std::string command = python_ + " " + checker_ + " " + kPath + " " + mode;
    for (std::size_t i = 0; i < all.size(); ++i)
      command += " " + folder_.put(mode + std::to_string(i) + ".json", all[i]);
    return run(command).output;
  }

  static constexpr const char* kPath = KNELL_SOURCE_DIR "/docs/knell.schema.json";
  Folder folder_;
  std::string python_;
  std::string checker_;
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
