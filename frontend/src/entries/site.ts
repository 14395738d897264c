import '../styles/index.css';
import { mountThemeToggle } from '../app/theme-toggle';
import { closeMenusOnOutsideClick } from '../app/menus';

mountThemeToggle(document.querySelector<HTMLButtonElement>('#theme-toggle'));
closeMenusOnOutsideClick();
