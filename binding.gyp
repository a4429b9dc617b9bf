{
  "target_defaults": {
    "cflags": ["-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-O2", "-g1"],
    "conditions": [
      ["'<!(echo ${TSPOD_SANITIZE:-0})'=='1'", {
        "cflags": ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer", "-Wno-stringop-overflow"],
        "ldflags": ["-fsanitize=address,undefined"]
      }]
    ]
  },
  "targets": [
    {
      "target_name": "addon",
      "sources": ["<!@(ls native/addon/*.cc native/addon/*/*.cc 2>/dev/null || true)"],
      "include_dirs": ["<!@(node -p \"require('node-addon-api').include_dir\")", "native/addon"],
      "defines": ["NAPI_VERSION=10", "NAPI_DISABLE_CPP_EXCEPTIONS", "_GNU_SOURCE"],
      "cflags_cc": ["-std=c++20", "-fno-exceptions", "-Wno-missing-field-initializers", "-Wno-restrict"],
      "libraries": ["-ldl", "-lpthread"]
    },
    {
      "target_name": "monitor",
      "product_name": "conmon",
      "type": "<!(ls native/monitor/*.c >/dev/null 2>&1 && echo executable || echo none)",
      "sources": ["<!@(ls native/monitor/*.c 2>/dev/null || true)"],
      "defines": ["_GNU_SOURCE"],
      "cflags_c": ["-std=gnu17"]
    },
    {
      "target_name": "forwarder",
      "type": "executable",
      "sources": ["<!@(ls native/forwarder/*.c)"],
      "defines": ["_GNU_SOURCE"],
      "cflags_c": ["-std=gnu17"]
    },
    {
      "target_name": "launcher",
      "type": "executable",
      "sources": ["<!@(ls native/launcher/*.c)"],
      "defines": ["_GNU_SOURCE"],
      "cflags_c": ["-std=gnu17"],
      "conditions": [["'<!(echo ${TSPOD_SANITIZE:-0})'!='1'", {"ldflags": ["-static"]}]]
    }
  ]
}
