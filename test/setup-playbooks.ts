/** The steps of a laboratory, done in a folder. Each apply leaves a line in `did`. */
export const playbook = `
id: lab
title: A laboratory
about: Steps for tests.
variables:
  PLACE: {title: Folder, help: Where it is done., type: path}
  WORDS: {title: Words, help: What is written., type: text, default: hello}
steps:
  - id: lab-config
    title: Write the configuration
    why: It is needed.
    on: [all]
    risk: safe
    files: [{name: lab.conf, template: lab.conf}]
    check: |
      written lab.conf "$PLACE/$NODE_NAME.conf"
    apply: |
      echo "config $NODE_NAME" >>"$PLACE/did"
      write lab.conf "$PLACE/$NODE_NAME.conf" 644
    undo: |
      restore "$PLACE/$NODE_NAME.conf"
  - id: lab-service
    title: Start the service
    why: It runs.
    on: [all]
    needs: [lab-config]
    risk: safe
    timeout: 1m
    check: |
      [ -e "$PLACE/$NODE_NAME.up" ] || missing "the service does not run"
    apply: |
      echo "service $NODE_NAME" >>"$PLACE/did"
      say 'starting the service'
      if [ -p "$PLACE/gate" ]; then cat "$PLACE/gate" >/dev/null; fi
      if [ -e "$PLACE/swap" ]; then
        say 'running with swap on is not supported, please disable swap! or set --fail-swap-on flag to false'
        fail 'the service does not start'
      fi
      touch "$PLACE/$NODE_NAME.up"
    undo: |
      rm "$PLACE/$NODE_NAME.up"
  - id: lab-swap
    title: Turn swap off
    why: The service refuses it.
    on: [all]
    risk: safe
    mends: [swap-on]
    check: |
      [ ! -e "$PLACE/swap-file" ]
    apply: |
      rm "$PLACE/swap-file"
`;

export const rebooting = `
id: lab-boot
title: A boot
about: Steps for tests.
steps:
  - id: lab-kernel
    title: Change the kernel's settings
    why: It takes effect at the next boot.
    on: [all]
    risk: needs-reboot
    reboots: true
    check: |
      [ "$(cat "$PLACE/booted" 2>/dev/null)" = new ] || missing 'the old settings are in effect'
    apply: |
      echo apply >>"$PLACE/did"
      echo new >"$PLACE/next"
`;

export const secretive = `
id: lab-join
title: Joining
about: Steps for tests.
variables:
  LAB_TOKEN: {title: Token, help: Made by lab-init., type: text, secret: true}
steps:
  - id: lab-init
    title: Begin
    why: Others join it.
    on: [first-control-plane]
    risk: safe
    gives: [LAB_TOKEN]
    check: |
      [ -e "$PLACE/begun" ]
    apply: |
      echo "init" >>"$PLACE/did"
      touch "$PLACE/begun"
      give LAB_TOKEN "a very $(echo secret) token"
  - id: lab-join
    title: Join
    why: It takes part.
    on: [gpu]
    needs: [lab-init]
    risk: safe
    check: |
      [ -e "$PLACE/joined" ]
    apply: |
      echo "join" >>"$PLACE/did"
      say "joining with $LAB_TOKEN"
      printf %s "$LAB_TOKEN" >"$PLACE/joined"
`;
