#pragma once

/// Documents held to their schema, by Debian's python3-jsonschema.

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace knell::samples {

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

inline Ran run(const std::string& command) {
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
inline constexpr const char* kChecker = R"py(
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

/// Holds documents to one of the schemas in docs/.
class Schema : public testing::Test {
protected:
  explicit Schema(const std::string& name) : path_(KNELL_SOURCE_DIR "/docs/" + name) {}

  void SetUp() override {
    for (const char* python : {"python3", "/usr/bin/python3"})
      if (python_.empty() && run(std::string(python) + " -c 'import jsonschema'").status == 0)
        python_ = python;
    if (python_.empty()) GTEST_SKIP() << "needs Debian's python3-jsonschema";
    checker_ = folder_.put("check.py", kChecker);
  }

  [[nodiscard]] std::string check(const std::string& mode, const std::vector<std::string>& all) {
    std::string command = python_ + " " + checker_ + " " + path_ + " " + mode;
    for (std::size_t i = 0; i < all.size(); ++i)
      command += " " + folder_.put(mode + std::to_string(i) + ".json", all[i]);
    return run(command).output;
  }

private:
  std::string path_;
  Folder folder_;
  std::string python_;
  std::string checker_;
};

}  // namespace knell::samples
