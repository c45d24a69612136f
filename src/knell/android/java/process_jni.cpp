/// The native methods of Process.java: android_util_Process.cpp of Android's frameworks/base.

#include <jni.h>

#include <string>

#include "knell/android/process_group.hpp"

namespace {

JavaVM* machine = nullptr;
jclass process = nullptr;
jmethodID log_method = nullptr;

/// Called in the thread that called us, which is one of Java's.
void log(knell::android::Level level, const std::string& text) {
  void* found = nullptr;
  if (machine->GetEnv(&found, JNI_VERSION_1_8) != JNI_OK) return;
  auto* const env = static_cast<JNIEnv*>(found);
  if (jstring words = env->NewStringUTF(text.c_str())) {
    env->CallStaticVoidMethod(process, log_method, static_cast<jint>(level), words);
    env->DeleteLocalRef(words);
  }
  env->ExceptionClear();  // a log that fails must not look like a kill that failed
}

/// As Android words it. False: an exception is on its way, and nothing is to be done.
bool valid(JNIEnv* env, jint uid) {
  if (uid >= 0) return true;
  if (jclass illegal = env->FindClass("java/lang/IllegalArgumentException"))
    env->ThrowNew(illegal, ("uid is negative: " + std::to_string(uid)).c_str());
  return false;
}

void send_signal(JNIEnv*, jclass, jint pid, jint signal) {
  knell::android::sendSignal(pid, signal);
}

void send_signal_quiet(JNIEnv*, jclass, jint pid, jint signal) {
  knell::android::sendSignalQuiet(pid, signal);
}

jint kill_process_group(JNIEnv* env, jclass, jint uid, jint pid) {
  return valid(env, uid) ? knell::android::killProcessGroup(uid, pid) : -1;
}

jboolean send_to_group(JNIEnv* env, jclass, jint uid, jint pid, jint signal) {
  if (!valid(env, uid)) return JNI_FALSE;
  const auto user = static_cast<uid_t>(uid);
  return knell::android::sendSignalToProcessGroup(user, pid, signal) ? JNI_TRUE : JNI_FALSE;
}

jint create_process_group(JNIEnv* env, jclass, jint uid, jint pid) {
  if (!valid(env, uid)) return -1;
  return knell::android::createProcessGroup(static_cast<uid_t>(uid), pid);
}

void remove_all(JNIEnv*, jclass) {
  knell::android::removeAllProcessGroups();
}

template <class Function>
JNINativeMethod method(const char* name, const char* signature, Function* function) {
  return {const_cast<char*>(name), const_cast<char*>(signature), reinterpret_cast<void*>(function)};
}

bool register_all(JNIEnv* env) {
  jclass found = env->FindClass("knell/android/Process");
  if (found == nullptr) return false;
  process = static_cast<jclass>(env->NewGlobalRef(found));
  log_method = env->GetStaticMethodID(found, "log", "(ILjava/lang/String;)V");
  const JNINativeMethod methods[] = {
      method("sendSignal", "(II)V", send_signal),
      method("sendSignalQuiet", "(II)V", send_signal_quiet),
      method("killProcessGroup", "(II)I", kill_process_group),
      method("sendSignalToProcessGroup", "(III)Z", send_to_group),
      method("createProcessGroup", "(II)I", create_process_group),
      method("removeAllProcessGroups", "()V", remove_all),
  };
  constexpr jint kCount = sizeof methods / sizeof methods[0];
  return log_method != nullptr && env->RegisterNatives(found, methods, kCount) == JNI_OK;
}

}  // namespace

/// Called when Java loads the library.
extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void* /*reserved*/) {
  void* env = nullptr;
  machine = vm;
  if (vm->GetEnv(&env, JNI_VERSION_1_8) != JNI_OK) return JNI_ERR;
  if (!register_all(static_cast<JNIEnv*>(env))) return JNI_ERR;
  knell::android::Options options;
  options.log = log;
  knell::android::setDefaults("", options);
  return JNI_VERSION_1_8;
}
