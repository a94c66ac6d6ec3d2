import { createRoot } from 'react-dom/client';
import { createApp } from 'vue';
import { InReact } from './in-react.jsx';
import { InVue } from './in-vue.js';

createRoot(document.querySelector('#react')).render(<InReact />);
createApp(InVue).mount('#vue');
