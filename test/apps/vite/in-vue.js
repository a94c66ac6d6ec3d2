import { createClient } from 'oocsi-client';
import { h, onUnmounted, ref } from 'vue';

const oocsi = createClient(new URLSearchParams(location.search).get('server'), { handle: 'vue_####' });

export const InVue = {
  setup() {
    const heard = ref('nothing yet');
    const status = ref(oocsi.state.status);
    onUnmounted(oocsi.subscribe('app', ({ sender, data }) => (heard.value = `${sender}: ${data.text}`)));
    onUnmounted(oocsi.on('state', (now) => (status.value = now.status)));
    const say = () => oocsi.send('app', { text: 'hello from Vue' });
    return () =>
      h('p', [`Vue is ${status.value} and heard ${heard.value}`, h('button', { onClick: say }, 'Say hello from Vue')]);
  },
};
